import { migrate, newId } from '@storewright/database'
import { scratchDatabase } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allMigrations, type Database } from '../src/database.ts'
import { lowestPrice30Days, STILL_ASKED } from '../src/price-history/lowest-price.ts'

// A shop that was started before prices had several currencies, and before names were compared folded.

const FIRST = '20261130T1200'
const productId = newId()
const draftId = newId()
const daysAgo = (days: number) => sql`utc_timestamp(6) - interval ${sql.lit(days)} day`
/** In the order of their ids; blanks at the end alone made no two handles of one. */
const HANDLES = ['\tpad', 'pad', ' mug', 'mug ', '\u00a0mug', 'two\u00a0 words', 'gro\u0308\u00dfe', ' ']
const idAt = (at: number) => `01990a3c-8f5e-7cc2-9a33-${String(at).padStart(12, '0')}`
const [home, garden] = [idAt(0), idAt(1)]
/** With the keys that older code gave them: the name in lower case. */
const CATEGORIES: [id: string, parent: string | null, name: string, key: string][] = [
  [home, null, 'Home', 'home'],
  [garden, null, 'Garden', 'garden'],
  [idAt(2), home, 'Caf\u00e9', 'caf\u00e9'],
  [idAt(3), home, 'Cafe', 'cafe'],
  [idAt(4), home, 'Gr\u00f6\u00dfe', 'gr\u00f6\u00dfe'],
  [idAt(5), home, 'Grosse \uff21', 'grosse \uff41'],
  [idAt(6), garden, 'CAF\u00c9', 'caf\u00e9'],
  [idAt(7), garden, 'C\u00e0fe', 'c\u00e0fe'],
]

let scratch: Awaited<ReturnType<typeof scratchDatabase<Database>>>
beforeAll(async () => {
  const all = await allMigrations()
  const earlier = Object.fromEntries(Object.entries(all).filter(([name]) => name < FIRST))
  scratch = await scratchDatabase<Database>(earlier, { name: 'catalog' })
  const { db } = scratch
  const product = (id: string, status: string, publishedAt: unknown, handle: string | null = null) =>
    sql`insert into products (id, slug, handle, name, description, status, attributes, media, summary, version,
      created_at, updated_at, published_at) values (${id}, ${id}, ${handle}, 'Mug', '', ${status}, '{}', '[]', '{}', 1,
      ${daysAgo(90)}, ${daysAgo(1)}, ${publishedAt})`.execute(db)
  const variant = (sku: string, id: string) =>
    sql`insert into variants (sku, product_id, position, name, attributes, price_minor, currency, lowest_before_minor,
      deleted) values (${sku}, ${id}, 0, 'Mug', '{}', 900, 'GBP', 800, 0)`.execute(db)
  const step = (sku: string, amount: number, days: number) =>
    sql`insert into price_history (sku, price_minor, currency, lowest_before_minor, effective_at)
      values (${sku}, ${amount}, 'GBP', ${amount}, ${daysAgo(days)})`.execute(db)
  await product(productId, 'published', daysAgo(50))
  await product(draftId, 'draft', null)
  await variant('OLD', productId)
  await variant('DRAFT', draftId)
  for (const [amount, days] of [
    [1, 60],
    [1200, 51],
    [800, 20],
    [900, 10],
  ] as const)
    await step('OLD', amount, days)
  await step('DRAFT', 1, 5)
  await sql`insert into scheduled_prices (id, sku, price_minor, currency, effective_at, state)
    values (${newId()}, 'OLD', 700, 'GBP', ${daysAgo(-1)}, 'waiting')`.execute(db)
  for (const [at, handle] of HANDLES.entries()) await product(idAt(at), 'draft', null, handle)
  for (const [id, parent, name, key] of CATEGORIES)
    await sql`insert into categories (id, parent_id, parent_key, slug, name, name_key, position, version, created_at,
      updated_at) values (${id}, ${parent}, ${parent ?? ''}, ${id}, ${name}, ${key}, 0, 1, ${daysAgo(9)},
      ${daysAgo(9)})`.execute(db)
  await migrate({ db, migrations: all, name: 'catalog' })
})
afterAll(() => scratch.drop())

it('keeps each price, and what it was scheduled to become', async () => {
  const row = await scratch.db
    .selectFrom('variants')
    .select('prices')
    .where('sku', '=', 'OLD')
    .executeTakeFirst()
  const prices: unknown = typeof row?.prices === 'string' ? JSON.parse(row.prices) : row?.prices
  expect(prices).toEqual([{ amount: 900, currency: 'GBP', compareAt: null, lowestBefore: 800 }])
  const plans = await scratch.db.selectFrom('scheduled_prices').select(['sku', 'price_minor']).execute()
  expect(plans).toEqual([{ sku: 'OLD', price_minor: 700 }])
})

it('takes the history since the first publication for what was asked, and nothing of a draft', async () => {
  const periods = await scratch.db
    .selectFrom('sale_periods')
    .select(['sku', 'amount_minor as amount', 'from_at as from', 'until_at as until'])
    .orderBy('id')
    .execute()
  expect(periods.map(({ sku, amount }) => [sku, amount])).toEqual([
    ['OLD', 1200],
    ['OLD', 800],
    ['OLD', 900],
  ])
  expect(periods[2]?.until).toEqual(STILL_ASKED)
  expect(lowestPrice30Days(periods, 950, new Date())).toBe(800)
})

it('leaves each handle to one product, tidy, whatever blanks and Unicode forms kept apart', async () => {
  const rows = await scratch.db
    .selectFrom('products')
    .select('handle')
    .where('id', 'not in', [productId, draftId])
    .orderBy('id')
    .execute()
  const tidy = [null, 'pad', 'mug', null, null, 'two words', 'größe', null]
  expect(rows.map(({ handle }) => handle)).toEqual(tidy)
})

it('folds the keys of category names, but for one whose sibling has that key already', async () => {
  const rows = await scratch.db.selectFrom('categories').select('name_key').orderBy('id').execute()
  const keys = ['home', 'garden', 'café', 'cafe', 'grosse', 'grosse a', 'cafe', 'càfe']
  expect(rows.map((row) => row.name_key)).toEqual(keys)
})

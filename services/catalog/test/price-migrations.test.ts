import { migrate, newId } from '@storewright/database'
import { scratchDatabase } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allMigrations, type Database } from '../src/database.ts'
import { lowestPrice30Days, STILL_ASKED } from '../src/price-history/lowest-price.ts'

// A shop that was started before prices had several currencies.

const FIRST = '20261130T1200'
const productId = newId()
const draftId = newId()
const daysAgo = (days: number) => sql`utc_timestamp(6) - interval ${sql.lit(days)} day`

let scratch: Awaited<ReturnType<typeof scratchDatabase<Database>>>
beforeAll(async () => {
  const all = await allMigrations()
  const earlier = Object.fromEntries(Object.entries(all).filter(([name]) => name < FIRST))
  scratch = await scratchDatabase<Database>(earlier, { name: 'catalog' })
  const { db } = scratch
  const product = (id: string, status: string, publishedAt: unknown) =>
    sql`insert into products (id, slug, name, description, status, attributes, media, summary, version, created_at,
      updated_at, published_at) values (${id}, ${id}, 'Mug', '', ${status}, '{}', '[]', '{}', 1, ${daysAgo(90)},
      ${daysAgo(1)}, ${publishedAt})`.execute(db)
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

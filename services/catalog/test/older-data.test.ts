import { migrate } from '@storewright/database'
import { scratchDatabase, type ScratchDatabase } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allMigrations, type Database, type Db } from '../src/database.ts'
import { rebuildOutdated } from '../src/products/rebuild-listings.ts'

// A start on what version 0.1 stored: migrations move it, and the service renders it anew.

const ID = '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69'
const DRAFT = '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a70'
let scratch: ScratchDatabase<Database>
let db: Db

beforeAll(async () => {
  const all = await allMigrations()
  const isOld = (name: string) =>
    !/^2026(1130|12)/.test(name) || name === '20261130T0900-rename-product-view-to-summary'
  const old = Object.fromEntries(Object.entries(all).filter(([name]) => isOld(name)))
  scratch = await scratchDatabase<Database>(old, { name: 'catalog' })
  db = scratch.db
  for (const [id, slug, status] of [
    [ID, 'mug', 'published'],
    [DRAFT, 'draft', 'draft'],
  ]) {
    const summary = JSON.stringify({
      id,
      slug,
      name: 'Mug',
      status,
      version: 1,
      price: { amount: 1, currency: 'EUR' },
    })
    await sql`insert into products (id, slug, handle, name, description, status, attributes, media, summary, version,
        created_at, updated_at, published_at)
      values (${id}, ${slug}, null, 'Mug', '', ${status}, '{"colour":"Blue"}', '[]', ${summary}, 1,
        '2026-01-01', '2026-01-01', '2026-01-01')`.execute(db)
  }
  await sql`insert into variants (sku, product_id, position, name, attributes, price_minor, currency,
      lowest_before_minor, deleted) values ('MUG-1', ${ID}, 0, 'Mug', '{}', 1200, 'EUR', 1100, 0)`.execute(db)
  await sql`insert into listings (product_id, scope, status, listed_at, name, price_minor, currency, in_stock, popularity)
    values (${ID}, '', 'published', '2026-01-01', 'Mug', 1200, 'EUR', 0, 7),
      (${DRAFT}, '', 'draft', '2026-01-01', 'Mug', 0, null, 0, 0)`.execute(db)
  await migrate({ db, name: 'catalog', migrations: all })
}, 60_000)
afterAll(() => scratch.drop())

const listed = () =>
  db
    .selectFrom('listings')
    .select(['product_id', 'currency', 'price_minor', 'popularity'])
    .orderBy('product_id')
    .orderBy('currency')
    .execute()

it('lists what older code stored, before and after it is rendered anew', async () => {
  const shown = [
    { product_id: ID, currency: 'EUR', price_minor: 1_200, popularity: 7 },
    { product_id: DRAFT, currency: '', price_minor: 0, popularity: 0 },
  ]
  expect(await listed()).toEqual(shown)
  const summaries = db.selectFrom('product_summaries').selectAll().orderBy('product_id').orderBy('currency')
  expect((await summaries.execute()).map(({ product_id, currency }) => [product_id, currency])).toEqual([
    [ID, ''],
    [ID, 'EUR'],
    [DRAFT, ''],
  ])

  await db.updateTable('products').set({ popularity: 7 }).where('id', '=', ID).execute()
  expect(await rebuildOutdated(db)).toBe(false)
  expect(await listed()).toEqual(shown)
  const [inEuros, ofDraft] = await summaries.execute()
  expect(JSON.parse(inEuros!.summary)).toMatchObject({ id: ID, price: { amount: 1_200, currency: 'EUR' } })
  expect(JSON.parse(ofDraft!.summary)).toMatchObject({ id: DRAFT, price: null })
  expect(
    await db.selectFrom('product_attributes').select(['name_key', 'value_key', 'value']).execute(),
  ).toEqual([
    { name_key: 'colour', value_key: 'blue', value: 'Blue' },
    { name_key: 'colour', value_key: 'blue', value: 'Blue' },
  ])
  expect(
    await db.selectFrom('products').select(['revision', 'rendered', 'version']).distinct().execute(),
  ).toEqual([{ revision: 2, rendered: expect.any(Number), version: 1 }])
  expect(
    await db.selectFrom('category_counts').select(['currency', 'products']).orderBy('currency').execute(),
  ).toEqual([
    { currency: '', products: 1 },
    { currency: 'EUR', products: 1 },
  ])
})

import { migrate, newId, parseJson } from '@storewright/database'
import { scratchDatabase, type ScratchDatabase } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allMigrations, type Database } from '../src/database.ts'

// A shop that was started while the lines of carts had a table of their own, and a user any number of open carts.

const FIRST = '20261201T1000'
const ann = newId()
const idAt = (at: number) => `01990a3c-8f5e-4cc2-9a33-${String(at).padStart(12, '0')}`
const [guest, older, newest, euros, ordered, large] = [1, 2, 3, 4, 5, 6].map(idAt)
let scratch: ScratchDatabase<Database>

beforeAll(async () => {
  const all = await allMigrations()
  const earlier = Object.fromEntries(Object.entries(all).filter(([name]) => name < FIRST))
  scratch = await scratchDatabase<Database>(earlier, { name: 'order' })
  const { db } = scratch
  const cart = (
    id: string | undefined,
    userId: string | null,
    currency: string,
    day: string,
    status = 'open',
  ) =>
    sql`insert into carts (id, user_id, currency, status, order_id, version, created_at, updated_at) values
      (${id}, ${userId}, ${currency}, ${status}, ${status === 'ordered' ? newId() : null}, 4, ${day}, ${day})`.execute(
      db,
    )
  const line = (id: string | undefined, sku: string, position: number, addedAt: string) =>
    sql`insert into cart_items (cart_id, sku, position, quantity, added_price_minor, added_at)
      values (${id}, ${sku}, ${position}, ${position + 2}, 1299, ${addedAt})`.execute(db)
  await cart(guest, null, 'GBP', '2026-01-01')
  await cart(older, ann, 'GBP', '2026-01-01')
  await cart(newest, ann, 'GBP', '2026-01-02')
  await cart(euros, ann, 'EUR', '2026-01-01')
  await cart(ordered, ann, 'USD', '2026-01-01', 'ordered')
  await cart(large, null, 'GBP', '2026-01-01')
  await line(guest, 'LAST', 0, '2026-01-02')
  await line(guest, 'SECOND', 1, '2026-01-01')
  await line(guest, 'FIRST', 0, '2026-01-01')
  await line(ordered, 'MUG', 0, '2026-01-01')
  for (let at = 0; at < 100; at++) await line(large, `${'A'.repeat(50)}${at}`, at, '2026-01-01')
  await migrate({ db, name: 'order', migrations: all })
})
afterAll(() => scratch.drop())

const find = (id: string | undefined) =>
  scratch.db
    .selectFrom('carts')
    .select(['lines', 'codes', 'active_key as activeKey', 'version'])
    .select(sql<number | null>`timestampdiff(day, utc_timestamp(), expires_at)`.as('days'))
    .where('id', '=', id ?? '')
    .executeTakeFirstOrThrow()
const linesOf = async (id: string | undefined) => parseJson((await find(id)).lines)

it('keeps the lines of older carts in their order, with their prices', async () => {
  expect(await linesOf(guest)).toEqual([
    { sku: 'FIRST', quantity: 2, seenPriceMinor: 1299 },
    { sku: 'SECOND', quantity: 3, seenPriceMinor: 1299 },
    { sku: 'LAST', quantity: 2, seenPriceMinor: 1299 },
  ])
  expect(await linesOf(ordered)).toHaveLength(1)
  expect((await linesOf(large)).map(({ quantity }) => quantity)).toEqual(
    Array.from({ length: 100 }, (_, at) => at + 2),
  )
  expect(await find(older)).toMatchObject({ version: 4, days: 30 })
  expect(await linesOf(older)).toEqual([])
})

it('makes the cart that a user touched last the active one of its currency, and lets only others expire', async () => {
  expect(await find(newest)).toMatchObject({ activeKey: `${ann}:GBP`, days: null })
  expect(await find(euros)).toMatchObject({ activeKey: `${ann}:EUR`, days: null })
  expect(await find(ordered)).toMatchObject({ activeKey: null, days: null })
  expect(await find(guest)).toMatchObject({ activeKey: null, days: 30 })
})

import { CartAbandoned, CartActivity } from '@storewright/contracts'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { deleteExpiredCarts, reportAbandoned, reportActivity } from '../src/carts/cart-jobs.ts'
import { useOrder } from './harness.ts'
import type { CartBody } from './shapes.ts'

const shop = useOrder({ MUG: 1299, CUP: 250 }, { workers: false })

const MINUTES = 60
const earlier = (column: string, id: string) =>
  sql`update carts set ${sql.ref(column)} = ${sql.ref(column)} - interval 2 hour where id = ${id}`.execute(
    shop.db,
  )
const rest = async (id: string) => {
  for (const column of ['updated_at', 'abandon_due_at', 'activity_due_at']) await earlier(column, id)
}
const put = (id: string, sku: string, quantity: number) =>
  shop.send<CartBody>('PUT', `/v1/carts/${id}/items/${sku}`, { body: { quantity } })
const look = () => reportAbandoned(shop.db, MINUTES, new Date())
const expire = async (id: string) => {
  await sql`update carts set expires_at = utc_timestamp(6) - interval 1 second where id = ${id}`.execute(
    shop.db,
  )
  await deleteExpiredCarts(shop.db)
}

it('a change of a cart is reported once by a job, without the id that opens it, and by no request', async () => {
  const { id } = await shop.cartWith({ MUG: 2 })
  await put(id, 'CUP', 1)
  expect(await shop.emitted(CartActivity)).toEqual([])
  await reportActivity(shop.db)
  expect(await shop.emitted(CartActivity)).toEqual([])
  await rest(id)
  await Promise.all([reportActivity(shop.db), reportActivity(shop.db)])
  const events = await shop.emitted(CartActivity)
  expect(events.map(({ data }) => data.lines.map(({ sku, unitPrice }) => [sku, unitPrice.amount]))).toEqual([
    [
      ['MUG', 1299],
      ['CUP', 250],
    ],
  ])
  expect(JSON.stringify(events)).not.toContain(id)
  await put(id, 'CUP', 2)
  await rest(id)
  await reportActivity(shop.db)
  expect(await shop.emitted(CartActivity)).toHaveLength(2)
})

it('a cart that is left alone with something in it is reported as abandoned once, whatever comes after', async () => {
  await look()
  const before = (await shop.emitted(CartAbandoned)).length
  const [left, empty, ordered, busy] = [
    await shop.cartWith({ MUG: 1 }),
    await shop.cartWith({}),
    await shop.cartWith({ MUG: 1 }),
    await shop.cartWith({ MUG: 1 }),
  ]
  for (const { id } of [left, empty, ordered, busy]) await rest(id)
  await shop.checkout(ordered.id)
  await put(busy.id, 'MUG', 2)
  await Promise.all([look(), look()])
  await put(left.id, 'MUG', 3)
  await rest(left.id)
  await look()
  const events = (await shop.emitted(CartAbandoned)).slice(before)
  expect(events.map(({ data }) => data.lines.map(({ quantity }) => quantity))).toEqual([[1]])
  await rest(busy.id)
  await look()
  expect(await shop.emitted(CartAbandoned)).toHaveLength(before + 2)
})

it('strangers’ carts do not stay for ever: an empty one for a day, another for thirty, a user’s active one and an ordered one stay', async () => {
  const daysOf = async (id: string) =>
    (
      await sql<{ days: number | null }>`select timestampdiff(hour, utc_timestamp(), expires_at) / 24 as days
        from carts where id = ${id}`.execute(shop.db)
    ).rows[0]?.days
  const as = await shop.jwks.tokenFor()
  const [empty, full] = [await shop.send<CartBody>('POST', '/v1/carts'), await shop.cartWith({ MUG: 1 })]
  const [own, order] = [await shop.cartWith({ MUG: 1 }, { as }), await shop.place({ MUG: 1 })]
  expect(Number(await daysOf(empty.body.id))).toBeLessThanOrEqual(2)
  expect(Number(await daysOf(full.id))).toBeGreaterThanOrEqual(29)
  expect([await daysOf(own.id), await daysOf(order.cartId)]).toEqual([null, null])
  await Promise.all([expire(full.id), expire(empty.body.id), expire(order.cartId)])
  expect((await shop.send('GET', `/v1/carts/${full.id}`)).status).toBe(404)
  expect((await put(full.id, 'MUG', 2)).status).toBe(404)
  expect((await shop.checkout(order.cartId)).status).toBe(409)
  expect((await shop.send('GET', `/v1/carts/${own.id}`, { as })).status).toBe(200)
})

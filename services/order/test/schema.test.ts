import { newId } from '@storewright/database'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import type { OrderBody } from './shapes.ts'

// The last defences: what a bug in the code above them would meet.
const shop = useOrder({ MUG: 1299 })
let order: OrderBody

beforeAll(async () => {
  order = await shop.confirmed({ MUG: 2 })
})

const refused = (statement: ReturnType<typeof sql>) =>
  expect(statement.execute(shop.db)).rejects.toThrow(/CONSTRAINT|Check constraint|Duplicate entry/i)

describe('the schema refuses', () => {
  it.each([
    ['a total that does not add up', 'total_minor = total_minor + 1'],
    ['to capture more than was authorized', 'captured_minor = authorized_minor + 1'],
    ['to refund more than was captured', 'refunded_minor = captured_minor + 1'],
    ['to authorize more than the total', 'authorized_minor = total_minor + 1'],
    ['a confirmed order without an authorization', 'authorized_minor = 0'],
    ['an unknown status', "status = 'lost'"],
    ['an open order without a deadline', "status = 'pending'"],
    ['a deadline of an order that is not open', 'expires_at = utc_timestamp(6)'],
  ])('%s', async (_what, change) => {
    await refused(sql`update orders set ${sql.raw(change)} where id = ${order.id}`)
  })

  it('a second order of one cart', async () => {
    const other = await shop.place({ MUG: 1 })
    await refused(sql`update orders set cart_id = ${order.cartId} where id = ${other.id}`)
  })

  it('to ship more than was ordered, and a line that does not add up', async () => {
    const lines = sql`order_lines set`
    await refused(sql`update ${lines} shipped_quantity = quantity + 1 where order_id = ${order.id}`)
    await refused(sql`update ${lines} total_minor = total_minor - 1 where order_id = ${order.id}`)
  })

  it('a second authorization beside one that was not voided', async () => {
    await refused(sql`insert into payment_attempts
      (id, order_id, kind, uniqueness_key, provider, amount_minor, currency, due_at, correlation_id, created_at)
      select ${newId()}, order_id, kind, uniqueness_key, provider, amount_minor, currency, created_at, correlation_id,
        created_at from payment_attempts where order_id = ${order.id}`)
  })

  it('an ordered cart without its order', async () => {
    await refused(sql`update carts set order_id = null where id = ${order.cartId}`)
  })
})

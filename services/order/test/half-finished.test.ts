import { OrderShipped } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { expireOrders } from '../src/orders/expire-orders.ts'
import { retryPayment } from '../src/orders/mark-payment-declined.ts'
import type { StepContext } from '../src/orders/transition.ts'
import { useStepwise, BAD, GOOD, MINUTE, PRICE } from './stepwise.ts'

const step = useStepwise()

const silent = { warn: () => {}, error: () => {} }
const expire = (context: StepContext) => expireOrders(step.shop.db, () => context, silent)

describe('two shipments whose captures are both under way', () => {
  it('leave the order partly shipped until both are captured, in either order', async () => {
    const order = await step.confirmed(2)
    await step.ship(order, 1)
    await step.ship(order, 1)
    const [first, second] = await step.lease(order)
    await step.record([second, GOOD])
    expect(await step.statuses(order)).toEqual([['partly_shipped', 'partly_captured']])
    await step.record([first, GOOD])
    expect(await step.statuses(order)).toEqual([['shipped', 'captured']])
    expect(await step.money(order)).toEqual({ authorized: 2 * PRICE, captured: 2 * PRICE })
    expect((await step.shop.emitted(OrderShipped, order.id)).map(({ data }) => data.complete)).toEqual([
      false,
      true,
    ])
  })

  it('free the goods of the refused one for another shipment, and no others', async () => {
    const order = await step.confirmed(3)
    await step.ship(order, 1)
    await step.ship(order, 2)
    const [first, second] = await step.lease(order)
    await step.record([first, BAD], [second, GOOD])
    expect(await step.shop.order(order)).toMatchObject({
      status: 'partly_shipped',
      lines: [{ shippedQuantity: 2 }],
    })
    expect(await step.money(order)).toMatchObject({ captured: 2 * PRICE })
    await step.ship(order, 1)
    await step.succeed(order)
    expect(await step.statuses(order)).toEqual([['shipped', 'captured']])
  })
})

it('takes the whole total with the first shipment where the provider cannot capture in parts', async () => {
  const order = await step.confirmed(3)
  await step.ship(order, 1, { inParts: false })
  expect((await step.lease(order)).map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
    ['capture', 3 * PRICE],
  ])
  await step.succeed(order)
  expect(await step.statuses(order)).toEqual([['partly_shipped', 'captured']])
  await step.ship(order, 1, { inParts: false })
  expect(await step.lease(order)).toEqual([])
  expect(await step.shop.emitted(OrderShipped, order.id)).toHaveLength(2)
  await step.shop.cancel(order)
  expect(await step.attempts(order)).toHaveLength(2)
  expect(await step.statuses(order)).toEqual([['shipped', 'captured']])
})

describe('after the deadline and before the sweeper’s next round', () => {
  const declined = async () => {
    const order = await step.reserved()
    const [attempt] = await step.lease(order)
    await step.record([attempt, BAD])
    return order
  }

  it('an order cannot be paid any more', async () => {
    const order = await declined()
    step.shop.pass(16 * MINUTE)
    expect(await step.shop.pay(order, 'tok_ok')).toMatchObject({
      status: 409,
      body: { type: 'urn:storewright:problem:wrong-state', orderStatus: 'awaiting_payment' },
    })
    step.shop.pass(-16 * MINUTE)
    expect(await step.attempts(order)).toHaveLength(1)
    expect((await step.shop.pay(order, 'tok_ok')).status).toBe(201)
  })

  it('an order cannot be paid at its deadline exactly, but a millisecond before', async () => {
    const order = await declined()
    const { expiresAt } = await step.shop.order(order)
    const payAt = (shiftMs: number) =>
      step.transact((trx) =>
        retryPayment(
          trx,
          {
            orderId: order.id,
            method: { provider: 'sandbox', token: 'tok_ok' },
            by: 'customer',
            maxTries: 10,
          },
          step.contextAt(new Date(Date.parse(expiresAt ?? '') + shiftMs)),
        ),
      )
    await expect(payAt(0)).rejects.toMatchObject({
      kind: 'wrong-state',
      extra: { orderStatus: 'awaiting_payment' },
    })
    expect(await step.attempts(order)).toHaveLength(1)
    await payAt(-1)
    expect(await step.statuses(order)).toEqual([['awaiting_payment', 'pending']])
    expect(await step.attempts(order)).toHaveLength(2)
  })

  it('a payment that began in time still confirms, and its decline expires the order in the next round', async () => {
    const [good, bad, idle] = [await declined(), await declined(), await declined()]
    await step.shop.pay(good, 'tok_ok')
    await step.shop.pay(bad, 'tok_ok')
    await expire(step.contextIn(16))
    expect(await step.statuses(good, bad, idle)).toEqual([
      ['awaiting_payment', 'pending'],
      ['awaiting_payment', 'pending'],
      ['cancelled', 'declined'],
    ])
    const [a, b] = await step.lease(good, bad)
    await step.record([a, GOOD], [b, BAD])
    await expire(step.contextIn(16))
    expect(await step.statuses(good, bad)).toEqual([
      ['confirmed', 'authorized'],
      ['cancelled', 'declined'],
    ])
  })

  it('an order is cancelled at its deadline exactly, and not a millisecond before', async () => {
    const order = await declined()
    const { expiresAt } = await step.shop.order(order)
    const at = (shiftMs: number) => step.contextAt(new Date(Date.parse(expiresAt ?? '') + shiftMs))
    await expire(at(-1))
    expect(await step.statuses(order)).toEqual([['awaiting_payment', 'declined']])
    await expire(at(0))
    expect(await step.statuses(order)).toEqual([['cancelled', 'declined']])
  })

  it('one that cannot be cancelled keeps no other order from it', async () => {
    const [broken, other] = [await declined(), await declined()]
    const promotion = newId()
    await step.shop.db.updateTable('orders').set({ discounts: '[]' }).where('id', '=', broken.id).execute()
    await sql`insert into promotion_uses values (${promotion}, 0, 5)`.execute(step.shop.db)
    await sql`insert into coupon_redemptions values (${broken.id}, ${promotion}, 'a', utc_timestamp())`.execute(
      step.shop.db,
    )
    await expire(step.contextIn(16))
    expect(await step.statuses(broken, other)).toEqual([
      ['awaiting_payment', 'declined'],
      ['cancelled', 'declined'],
    ])
    await sql`delete from coupon_redemptions`.execute(step.shop.db)
    await expire(step.contextIn(16))
    expect(await step.statuses(broken)).toEqual([['cancelled', 'declined']])
  })
})

it('a second shipment waits for the capture of the first, where a provider captures all at once', async () => {
  const order = await step.confirmed(2)
  await step.ship(order, 1, { inParts: false })
  await expect(step.ship(order, 1, { inParts: false })).rejects.toMatchObject({
    kind: 'wrong-state',
    extra: { retryAfter: 1 },
  })
})

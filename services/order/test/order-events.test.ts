import { OrderCancelled, OrderConfirmed, OrderRejected } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { useOrder, type OrderService } from './harness.ts'
import type { OrderBody } from './shapes.ts'
import { CONFIRMED_STEPS } from './shop-actions.ts'

const shop = useOrder({ MUG: 1299 })
const MINUTE = 60_000

const authorizations = (order: OrderBody) =>
  shop.db
    .selectFrom('payment_attempts')
    .select(['kind', 'state'])
    .where('order_id', '=', order.id)
    .orderBy('id')
    .execute()

/** Delivers an event, its repetition, and the same fact as an event of its own. */
const deliverThrice = async (make: () => Parameters<OrderService['deliver']>[0]) => {
  const event = make()
  for (const delivered of [event, event, make()]) await shop.deliver(delivered)
}

describe('an event of inventory that is delivered twice', () => {
  it('reserves and authorizes once', async () => {
    const order = await shop.place({ MUG: 1 })
    await deliverThrice(() => shop.reservedEvent(order))
    await shop.until(order, 'confirmed')
    expect(await authorizations(order)).toEqual([{ kind: 'authorize', state: 'succeeded' }])
    expect(await shop.emitted(OrderConfirmed, order.id)).toHaveLength(1)
  })

  it('rejects once', async () => {
    const order = await shop.place({ MUG: 1 })
    await deliverThrice(() => shop.rejectedEvent(order))
    expect(await shop.order(order)).toMatchObject({ status: 'rejected', version: 2 })
    expect(await shop.emitted(OrderRejected, order.id)).toHaveLength(1)
  })

  it('cancels once', async () => {
    const order = await shop.place({ MUG: 1 })
    await deliverThrice(() => shop.releasedEvent(order, 'expired'))
    expect(await shop.order(order)).toMatchObject({ status: 'cancelled', reason: 'hold-expired' })
    expect(await shop.emitted(OrderCancelled, order.id)).toHaveLength(1)
  })
})

describe('events of inventory that arrive out of order', () => {
  it('do not reopen an order that an earlier StockReleased cancelled', async () => {
    const order = await shop.place({ MUG: 1 })
    await shop.deliver(shop.releasedEvent(order, 'expired'))
    await shop.deliver(shop.reservedEvent(order))
    expect(await shop.order(order)).toMatchObject({ status: 'cancelled' })
    expect(await authorizations(order)).toEqual([])
  })

  it('keep a confirmed order when its hold expires, and cancel it when it cannot be reserved again', async () => {
    const order = await shop.confirmed({ MUG: 2 })
    await shop.deliver(shop.releasedEvent(order, 'expired'))
    expect(await shop.order(order)).toMatchObject({ status: 'confirmed' })
    await shop.deliver(shop.reservedEvent(order))
    expect(await shop.order(order)).toMatchObject({ status: 'confirmed' })

    await shop.deliver(shop.rejectedEvent(order))
    expect(await shop.order(order)).toMatchObject({ status: 'cancelled', reason: 'insufficient-stock' })
    await expect
      .poll(async () => (await shop.order(order)).payment.status, { timeout: 10_000 })
      .toBe('voided')
    expect(await authorizations(order)).toEqual([
      { kind: 'authorize', state: 'voided' },
      { kind: 'void', state: 'succeeded' },
    ])
  })

  it('are retried, and so reach an operator, when the order does not exist', async () => {
    const lost = { ...(await shop.place({ MUG: 1 })), id: newId() }
    await shop.enqueue(shop.reservedEvent(lost))
    await expect
      .poll(async () => (await shop.vhost.peek('order.inventory-events.retry.1s')).length, {
        timeout: 10_000,
      })
      .toBe(1)
  })
})

describe('cancelling', () => {
  it('releases everything once, however often it is requested', async () => {
    const order = await shop.confirmed({ MUG: 3 })
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => shop.cancel(order, { body: { reason: 'too late' } })),
    )
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 200, body: { status: 'cancelled', reason: 'too late' } })
    }
    expect(await shop.emitted(OrderCancelled, order.id)).toMatchObject([
      { data: { by: 'customer', reason: 'too late', lines: [{ sku: 'MUG', quantity: 3 }] } },
    ])
    await shop.until(order, 'cancelled')
    await expect.poll(async () => (await shop.order(order)).payment.status).toBe('voided')
    expect((await shop.timeline(order)).map(({ type }) => type)).toEqual([
      ...CONFIRMED_STEPS,
      'order.order-cancelled.v1',
      'order.payment-voided.v1',
    ])
  })

  it('before inventory answers makes the answer ineffective', async () => {
    const order = await shop.place({ MUG: 1 })
    expect((await shop.cancel(order)).status).toBe(200)
    await shop.deliver(shop.reservedEvent(order))
    await shop.deliver(shop.releasedEvent(order, 'cancelled'))
    expect(await shop.order(order)).toMatchObject({ status: 'cancelled' })
    expect(await authorizations(order)).toEqual([])
  })

  it('while inventory answers leaves no orphan order: it is cancelled, without an authorization', async () => {
    const orders = await Promise.all(Array.from({ length: 12 }, () => shop.place({ MUG: 1 })))
    await Promise.all([
      shop.deliverAll(orders.map((order) => shop.reservedEvent(order))),
      ...orders.map((order) => shop.cancel(order)),
    ])
    for (const order of orders) {
      await expect
        .poll(async () => (await shop.order(order)).payment.status, { timeout: 15_000 })
        .toMatch(/^(pending|voided)$/)
      expect(await shop.order(order)).toMatchObject({ status: 'cancelled' })
      expect(await shop.emitted(OrderCancelled, order.id)).toHaveLength(1)
      const live = (await authorizations(order)).filter(
        ({ kind, state }) => kind === 'authorize' && state === 'succeeded',
      )
      expect(live).toEqual([])
    }
  })

  it('is refused once the order was rejected', async () => {
    const order = await shop.place({ MUG: 1 })
    await shop.deliver(shop.rejectedEvent(order))
    expect(await shop.cancel(order)).toMatchObject({ status: 409, body: { orderStatus: 'rejected' } })
  })

  it('voids an authorization that arrives after the cancellation', async () => {
    shop.gate.close()
    const order = await shop.place({ MUG: 1 })
    await shop.deliver(shop.reservedEvent(order))
    await shop.until(order, 'reserved')
    expect((await shop.cancel(order)).body).toMatchObject({ status: 'cancelled' })
    shop.gate.open()
    await expect
      .poll(async () => (await shop.order(order)).payment.status, { timeout: 10_000 })
      .toBe('voided')
    expect(await shop.emitted(OrderConfirmed, order.id)).toEqual([])
    expect((await shop.order(order)).status).toBe('cancelled')
  })
})

describe('deadlines', () => {
  it('leave no orphan order that inventory never answered: it is cancelled', async () => {
    const order = await shop.place({ MUG: 1 })
    shop.pass(25 * 60 * MINUTE)
    expect(await shop.until(order, 'cancelled')).toMatchObject({ reason: 'expired', expiresAt: null })
    expect(await shop.emitted(OrderCancelled, order.id)).toMatchObject([
      { data: { by: 'system', lines: [{ sku: 'MUG', quantity: 1 }] } },
    ])
    await shop.deliver(shop.reservedEvent(order))
    expect(await shop.order(order)).toMatchObject({ status: 'cancelled' })
  })

  it('let no unpaid order hold stock for ever: they start when it is reserved, and release it', async () => {
    const order = await shop.place({ MUG: 1 }, { token: 'tok_declined' })
    shop.pass(60 * MINUTE)
    await shop.deliver(shop.reservedEvent(order))
    await shop.until(order, 'awaiting_payment')
    shop.pass(14 * MINUTE)
    expect(await shop.order(order)).toMatchObject({ status: 'awaiting_payment' })
    shop.pass(2 * MINUTE)
    expect(await shop.until(order, 'cancelled')).toMatchObject({ reason: 'expired' })
    expect(await shop.emitted(OrderCancelled, order.id)).toMatchObject([
      { data: { by: 'system', lines: [{ sku: 'MUG', quantity: 1 }] } },
    ])
    expect(await shop.pay(order, 'tok_ok')).toMatchObject({ status: 409 })
  })

  it('wait for a payment that is under way', async () => {
    shop.gate.close()
    const order = await shop.place({ MUG: 1 })
    await shop.deliver(shop.reservedEvent(order))
    await shop.until(order, 'reserved')
    const bystander = await shop.place({ MUG: 1 })
    shop.pass(26 * 60 * MINUTE)
    await shop.until(bystander, 'cancelled')
    expect(await shop.order(order)).toMatchObject({ status: 'reserved' })
    shop.gate.open()
    await shop.until(order, 'confirmed')
  })

  it('racing with payments leave no orphan order: each is confirmed and authorized, or cancelled', async () => {
    const orders = await Promise.all(
      Array.from({ length: 10 }, () => shop.place({ MUG: 1 }, { token: 'tok_declined' })),
    )
    await shop.deliverAll(orders.map((order) => shop.reservedEvent(order)))
    for (const order of orders) await shop.until(order, 'awaiting_payment')
    const paying = orders.map((order) => shop.pay(order, 'tok_ok'))
    shop.pass(16 * MINUTE)
    await Promise.all(paying)
    for (const order of orders) {
      await expect
        .poll(async () => (await shop.order(order)).status, { timeout: 15_000 })
        .toMatch(/^(confirmed|cancelled)$/)
      const { status, payment } = await shop.order(order)
      expect(payment.status === 'authorized').toBe(status === 'confirmed')
    }
  })
})

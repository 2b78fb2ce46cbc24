import { OrderConfirmed, PaymentAuthorized, PaymentFailed } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import type { OrderBody } from './shapes.ts'

const shop = useOrder({ MUG: 1299 }, { env: { PAYMENT_LEASE_MS: '1000' } })

const reserved = async (token: string, options: { as?: string } = {}) => {
  const order = await shop.place({ MUG: 1 }, { token, ...options })
  await shop.deliver(shop.reservedEvent(order))
  return order
}
/** The provider's own books. */
const booked = (order: OrderBody) =>
  shop.db
    .selectFrom('sandbox_operations')
    .innerJoin('payment_attempts', 'payment_attempts.id', 'sandbox_operations.idempotency_key')
    .select(['sandbox_operations.kind', 'sandbox_operations.outcome'])
    .where('payment_attempts.order_id', '=', order.id)
    .execute()

describe('a declined payment', () => {
  it.each([
    ['tok_declined', 'card-declined'],
    ['tok_of_nobody', 'unknown-token'],
    ['constructor', 'unknown-token'],
  ])('of %s leaves the order awaiting another payment', async (token, reason) => {
    const order = await reserved(token)
    expect(await shop.until(order, 'awaiting_payment')).toMatchObject({
      payment: { status: 'declined', reason },
    })
    expect((await shop.emitted(PaymentFailed, order.id)).map(({ data }) => data.reason)).toEqual([reason])
    expect((await shop.timeline(order)).at(-1)).toMatchObject({
      type: 'order.payment-failed.v1',
      by: 'system',
      data: { kind: 'authorize', provider: 'sandbox', reason, amount: order.totals.total },
    })
  })

  it('answers a waiting client at once', async () => {
    const cart = await shop.cartWith({ MUG: 1 })
    const key = newId()
    const waiting = shop.checkout(cart.id, { key, token: 'tok_declined', wait: 10 })
    const placed = await shop.checkout(cart.id, { key, token: 'tok_declined' })
    await shop.deliver(shop.reservedEvent(placed.body))
    expect((await waiting).body).toMatchObject({ id: placed.body.id, status: 'awaiting_payment' })
  })

  it('can be retried until it is authorized, and not after', async () => {
    const order = await reserved('tok_declined')
    await shop.until(order, 'awaiting_payment')
    const again = await shop.pay(order, 'tok_declined', { headers: { prefer: 'wait=10' } })
    expect(again).toMatchObject({
      status: 201,
      body: { status: 'awaiting_payment', payment: { status: 'declined' } },
    })
    const good = await shop.pay(order, 'tok_ok', { headers: { prefer: 'wait=10' } })
    expect(good).toMatchObject({
      status: 201,
      body: { status: 'confirmed', payment: { status: 'authorized' } },
    })
    expect(await shop.pay(order, 'tok_ok')).toMatchObject({ status: 409, body: { orderStatus: 'confirmed' } })
    expect((await booked(order)).filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(1)
  })

  it('is retried once for one key, and by one of many concurrent requests', async () => {
    const order = await reserved('tok_declined')
    await shop.until(order, 'awaiting_payment')
    shop.gate.close()
    const key = newId()
    const same = await Promise.all([1, 2, 3].map(() => shop.pay(order, 'tok_ok', { key })))
    expect(same.map(({ status }) => status)).toEqual([201, 201, 201])
    const others = await Promise.all([1, 2].map(() => shop.pay(order, 'tok_ok')))
    for (const other of others) {
      expect(other).toMatchObject({
        status: 409,
        body: { type: 'urn:storewright:problem:payment-unresolved' },
      })
    }
    shop.gate.open()
    await shop.until(order, 'confirmed')
    expect((await booked(order)).filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(1)
  })

  it('can be retried with another provider', async () => {
    const order = await reserved('tok_declined')
    await shop.until(order, 'awaiting_payment')
    await shop.pay(order, '', { body: { provider: 'manual' } })
    expect(await shop.until(order, 'confirmed')).toMatchObject({ payment: { provider: 'manual' } })
  })
})

describe('paying too early', () => {
  it('is refused while inventory has not answered, and while the first attempt is under way', async () => {
    const order = await shop.place({ MUG: 1 })
    expect(await shop.pay(order, 'tok_ok')).toMatchObject({ status: 409, body: { orderStatus: 'pending' } })
    shop.gate.close()
    await shop.deliver(shop.reservedEvent(order))
    await shop.until(order, 'reserved')
    expect(await shop.pay(order, 'tok_ok')).toMatchObject({
      status: 409,
      body: { type: 'urn:storewright:problem:payment-unresolved' },
      headers: { 'retry-after': '1' },
    })
    shop.gate.open()
    await shop.until(order, 'confirmed')
  })
})

describe('a call to the provider whose answer got lost', () => {
  it('is looked up by the first retry, which does not authorize again', async () => {
    const order = await reserved('tok_timeout')
    await shop.until(order, 'confirmed')
    const { id } = await shop.db
      .selectFrom('payment_attempts')
      .select('id')
      .where('order_id', '=', order.id)
      .executeTakeFirstOrThrow()
    const calls = shop.gate.asked.filter(({ key }) => key === id).map(({ what }) => what)
    expect(calls).toEqual(['authorize', 'find'])
  })

  it('counts once when the provider did the work', async () => {
    const order = await reserved('tok_timeout')
    expect(await shop.until(order, 'confirmed')).toMatchObject({ payment: { status: 'authorized' } })
    expect(await booked(order)).toEqual([{ kind: 'authorize', outcome: 'succeeded' }])
    expect(await shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
  })

  it('is looked up by another replica when the lease of a dead one is over', async () => {
    shop.gate.lose(true)
    const order = await reserved('tok_ok')
    await expect.poll(() => booked(order)).toEqual([{ kind: 'authorize', outcome: 'succeeded' }])
    expect(await shop.order(order)).toMatchObject({ status: 'reserved' })
    shop.gate.lose(false)
    await shop.startReplica()
    await shop.until(order, 'confirmed')
    expect(await booked(order)).toEqual([{ kind: 'authorize', outcome: 'succeeded' }])
    expect(await shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
    expect(await shop.emitted(OrderConfirmed, order.id)).toHaveLength(1)
    const { asked } = shop.gate
    const calls = asked.filter(({ what }) => what === 'find').length
    expect(calls).toBeGreaterThan(0)
  })
})

it('notifies a client that waits at another replica', async () => {
  const { replicas } = shop
  const other = replicas[1] ?? (await shop.startReplica())
  for (const replica of replicas) {
    await replica.broadcasts?.start()
    await replica.relay.start()
  }
  await expect.poll(() => replicas.every(({ broadcasts }) => broadcasts?.listening)).toBe(true)
  const cart = await shop.cartWith({ MUG: 1 })
  const key = newId()
  const waiting = [
    shop.checkout(cart.id, { key, wait: 20 }),
    shop.checkout(cart.id, { key, wait: 20 }, other),
  ]
  const placed = await shop.checkout(cart.id, { key })
  await shop.deliver(shop.reservedEvent(placed.body))
  for (const answer of await Promise.all(waiting)) {
    expect(answer).toMatchObject({ status: 201, body: { id: placed.body.id, status: 'confirmed' } })
  }
})

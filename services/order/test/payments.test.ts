import { PaymentAuthorized, PaymentFailed } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import type { OrderBody } from './shapes.ts'

const shop = useOrder({ MUG: 1299 }, { env: { PAYMENT_LEASE_MS: '1000', PAYMENT_TRIES_PER_ORDER: '4' } })

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

  it('is not stuck: another card is tried until one is authorized, and none after that', async () => {
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

  it('is tried again once for concurrent repeats with one key, and by one of many other requests', async () => {
    const order = await reserved('tok_declined')
    await shop.until(order, 'awaiting_payment')
    shop.gate.close()
    const key = newId()
    const same = await Promise.all([1, 2, 3].map(() => shop.pay(order, 'tok_ok', { key })))
    expect(same.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(same.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(2)
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
})

describe('a payment that the customer has to approve', () => {
  const waiting = async () => {
    const order = await reserved('tok_3ds')
    const { payment } = await shop.until(order, 'awaiting_payment')
    expect(payment).toMatchObject({ status: 'requires_action', nextAction: { type: 'redirect' } })
    const { pathname, origin } = new URL((payment.nextAction as { url: string }).url)
    expect(origin).toBe('http://shop.example')
    return { order, page: pathname }
  }
  const decide = (page: string, decision: string) =>
    shop.send('POST', `${page}/${decision}`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    })

  it('confirms the order when it is approved on the page that it leads to, once', async () => {
    const { order, page } = await waiting()
    const shown = await shop.send('GET', page)
    expect(shown.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    })
    const answers = await Promise.all([decide(page, 'approve'), decide(page, 'approve')])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect((await shop.until(order, 'confirmed')).payment).toMatchObject({ nextAction: null })
    expect(await shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
  })

  it('is declined when it is refused there, and its page cannot be guessed', async () => {
    const { order, page } = await waiting()
    expect((await decide(`${page.slice(0, -1)}${page.endsWith('A') ? 'B' : 'A'}`, 'approve')).status).toBe(
      404,
    )
    expect((await decide(page, 'steal')).status).toBe(404)
    await decide(page, 'refuse')
    await expect
      .poll(async () => (await shop.order(order)).payment)
      .toMatchObject({ status: 'declined', reason: 'authentication-failed', nextAction: null })
  })

  it('may be replaced by another, and then cannot be approved any more', async () => {
    const { order, page } = await waiting()
    await shop.pay(order, 'tok_ok')
    await shop.until(order, 'confirmed')
    await expect
      .poll(async () => (await booked(order)).map(({ outcome }) => outcome).sort())
      .toEqual(['declined', 'succeeded', 'succeeded'])
    await decide(page, 'approve')
    expect(await shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
    expect(await shop.order(order)).toMatchObject({ status: 'confirmed', payment: { status: 'authorized' } })
  })

  it('expires with the hold of the stock, and an approval that comes after that is voided', async () => {
    const { order, page } = await waiting()
    await decide(page, 'approve')
    await shop.cancel(order)
    const { status, payment } = await shop.order(order)
    expect([status, payment.nextAction]).toEqual(['cancelled', null])
    const late = await waiting()
    await shop.db
      .updateTable('orders')
      .set({ expires_at: new Date(0) })
      .where('id', '=', late.order.id)
      .execute()
    expect(await shop.until(late.order, 'cancelled')).toMatchObject({
      reason: 'expired',
      payment: { status: 'declined', reason: 'not-completed' },
    })
    await decide(late.page, 'approve')
    await expect
      .poll(async () => (await booked(late.order)).map(({ kind }) => kind).sort())
      .toEqual(['authorize', 'void'])
    expect(await shop.emitted(PaymentAuthorized, late.order.id)).toEqual([])
  })

  it('can be tried so often for an order and no oftener, also at the same time', async () => {
    const { order } = await waiting()
    for (let time = 0; time < 2; time++) {
      const again = await shop.pay(order, 'tok_3ds', { headers: { prefer: 'wait=5' } })
      expect(again.body.payment).toMatchObject({ status: 'requires_action' })
    }
    const last = await Promise.all(Array.from({ length: 3 }, () => shop.pay(order, 'tok_declined')))
    expect(last.map(({ status }) => status).sort()).toEqual([201, 409, 409])
    await expect.poll(async () => (await shop.order(order)).payment.status).toBe('declined')
    expect(await shop.pay(order, 'tok_ok')).toMatchObject({
      status: 409,
      body: { type: 'urn:storewright:problem:payment-tries-exhausted' },
    })
  })
})

describe('the money of a manual payment', () => {
  const paidByInvoice = () => shop.confirmed({ MUG: 2 }, { more: { payment: { provider: 'manual' } } })
  const receive = (order: OrderBody, body: object, key = newId()) =>
    shop.send<OrderBody>('POST', `/v1/orders/${order.id}/payments/received`, { as: shop.admin, key, body })

  it('is recorded by staff in parts, once per key, never more than the total, and shown on the order', async () => {
    const order = await paidByInvoice()
    const key = newId()
    const part = { amount: { amount: 1000, currency: 'GBP' }, reference: 'invoice 7' }
    const first = await Promise.all([receive(order, part, key), receive(order, part, key)])
    expect(first.map(({ status }) => status)).toEqual([201, 201])
    expect((await receive(order, { amount: { amount: 1599, currency: 'GBP' } })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'amount.amount' }],
    })
    expect((await receive(order, { amount: { amount: 1, currency: 'EUR' } })).status).toBe(422)
    const rest = await Promise.all([receive(order, {}), receive(order, {})])
    expect(rest.map(({ status }) => status).sort()).toEqual([201, 409])
    expect((await shop.order(order)).payment).toMatchObject({
      received: { amount: 2598 },
      captured: { amount: 0 },
    })
    expect((await shop.timeline(order)).filter(({ type }) => type === 'payment-received')).toHaveLength(2)
  })

  it('is recorded by staff only, and of no order that is paid otherwise', async () => {
    const order = await paidByInvoice()
    const url = `/v1/orders/${order.id}/payments/received`
    const call = { key: newId(), body: {} }
    expect((await shop.send('POST', url, { orderToken: order.accessToken, ...call })).status).toBe(401)
    expect((await receive(await shop.confirmed({ MUG: 1 }), {})).status).toBe(409)
  })
})

/** A further replica, and all receive what another one committed. */
const addReplica = async (env: Record<string, string> = {}) => {
  const { replicas } = shop
  const other = await shop.startReplica({ env })
  for (const replica of replicas) {
    await replica.broadcasts?.start()
    await replica.relay.start()
  }
  const listening = () => replicas.every(({ broadcasts }) => broadcasts?.listening)
  await expect.poll(listening, { timeout: 10_000 }).toBe(true)
  return other
}

it('notifies a client that waits at another replica', async () => {
  const other = await addReplica()
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

it('refuses to place orders from an address whose payments were declined too often, each of a fresh order', async () => {
  const replica = await addReplica({ PAYMENT_DECLINES_PER_ADDRESS: '2' })
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
  const pay = async (token: string, address: string) => {
    const cart = await shop.cartWith({ MUG: 1 })
    const { body: order } = await shop.checkout(cart.id, { token, ...from(address) }, replica)
    await shop.deliver(shop.reservedEvent(order))
    return shop.until(order, token === 'tok_ok' ? 'confirmed' : 'awaiting_payment', {
      orderToken: order.accessToken,
    })
  }
  for (let time = 0; time < 3; time++) await pay('tok_ok', '192.0.2.1')
  for (let time = 0; time < 2; time++) await pay('tok_declined', '192.0.2.1')
  // Until the declines are received there is no such cart; nothing is placed.
  const next = () => shop.checkout(newId(), from('192.0.2.1'), replica)
  await expect.poll(async () => (await next()).status).toBe(429)
  expect(Number((await next()).headers['retry-after'])).toBeGreaterThan(500)
  await pay('tok_ok', '192.0.2.2')
})

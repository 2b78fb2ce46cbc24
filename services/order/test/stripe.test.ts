import { OrderConfirmed, PaymentAuthorized, PaymentFailed } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { afterAll, describe, expect, it } from 'vitest'
import { createStripeProvider } from '../src/payments/stripe.ts'
import { useOrder } from './harness.ts'
import type { OrderBody } from './shapes.ts'
import { startStripeServer } from './stripe-server.ts'

const webhookSecret = 'whsec_of_this_test'
const stripe = await startStripeServer({ webhookSecret })
const shop = useOrder(
  { MUG: 1299 },
  {
    providers: [createStripeProvider({ secretKey: 'sk_test_1', webhookSecret, apiBase: stripe.url })],
    env: { PAYMENT_LEASE_MS: '2000' },
  },
)
afterAll(() => stripe.stop())

const AUTHORIZED = 'payment_intent.amount_capturable_updated'
const place = async (token?: string, quantity = 1) => {
  const payment = { provider: 'stripe', ...(token !== undefined && { token }) }
  const order = await shop.place({ MUG: quantity }, { more: { payment } })
  await shop.deliver(shop.reservedEvent(order))
  return order
}
const waiting = async () => {
  const order = await place('pm_card_threeDSecure2Required')
  return shop.until(order, 'awaiting_payment').then((now) => ({ ...order, ...now }))
}
const send = ({ payload, signature }: { payload: string; signature: string }, provider = 'stripe') =>
  shop.send('POST', `/v1/payments/webhooks/${provider}`, {
    headers: { 'content-type': 'application/json', 'stripe-signature': signature },
    body: payload,
  })
const statusOf = async (order: OrderBody) => {
  const { status, payment } = await shop.order(order)
  return [status, payment.status]
}

describe('a payment by Stripe', () => {
  it('is authorized in Stripe’s units under the attempt’s key, and captured whole with the first shipment', async () => {
    const order = await place('pm_card_visa', 2)
    expect((await shop.until(order, 'confirmed')).payment).toMatchObject({
      authorized: { amount: 2598 },
      captured: { amount: 0 },
      nextAction: null,
    })
    const sent = stripe.requests.find(({ form }) => form.get('metadata[order_id]') === order.id)
    expect(Object.fromEntries(sent!.form)).toMatchObject({
      amount: '2598',
      currency: 'gbp',
      capture_method: 'manual',
      'metadata[attempt_id]': sent!.key,
    })
    expect((await shop.ship(order, { MUG: 1 })).body).toMatchObject({ status: 'shipped' })
    expect(stripe.find(order.id)).toMatchObject({ status: 'succeeded', amount_received: 2598 })
    expect(await statusOf(order)).toEqual(['partly_shipped', 'captured'])
  })

  it.each([
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient-funds'],
    ['pm_of_nobody', 'resource-missing'],
  ])('with %s is declined, and can be tried again', async (token, reason) => {
    const order = await place(token)
    const { payment } = await shop.until(order, 'awaiting_payment')
    expect(payment).toMatchObject({ status: 'declined', reason })
    await shop.pay(order, '', { body: { provider: 'stripe', token: 'pm_card_visa' } })
    await shop.until(order, 'confirmed')
  })

  it('whose answer got lost is authorized once', async () => {
    stripe.faults.loseAnswers = 2
    const order = await place('pm_card_visa')
    await shop.until(order, 'confirmed')
    expect(stripe.find(order.id)).toMatchObject({ status: 'requires_capture' })
    expect(await shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
  })

  it('without a card waits for the browser, and is voided at Stripe when the order is cancelled after it', async () => {
    const order = await place()
    const { payment } = await shop.until(order, 'awaiting_payment')
    const { client_secret: clientSecret } = stripe.find(order.id)
    expect(payment).toMatchObject({ status: 'requires_action', nextAction: { type: 'stripe', clientSecret } })
    stripe.confirm(order.id)
    await send(stripe.event(AUTHORIZED, stripe.find(order.id)))
    await shop.until(order, 'confirmed')
    await shop.cancel(order)
    await expect.poll(() => statusOf(order)).toEqual(['cancelled', 'voided'])
    expect(stripe.find(order.id)).toMatchObject({ status: 'canceled' })
  })
})

it('whose card is refused in the browser can be paid at once with another, by the same intent or a new attempt', async () => {
  const [same, anew] = [await waiting(), await waiting()]
  for (const order of [same, anew]) {
    const intent = stripe.find(order.id)
    intent.status = 'requires_payment_method'
    await send(stripe.event('payment_intent.payment_failed', intent))
    const { payment } = await shop.order(order)
    expect(payment.nextAction).toMatchObject({ type: 'stripe', clientSecret: intent.client_secret })
  }
  stripe.confirm(same.id)
  await send(stripe.event(AUTHORIZED, stripe.find(same.id)))
  await shop.until(same, 'confirmed')

  const refused = stripe.find(anew.id)
  const paid = await shop.pay(anew, '', { body: { provider: 'stripe', token: 'pm_card_visa' } })
  expect(paid.status).toBe(201)
  await shop.until(anew, 'confirmed')
  await expect.poll(() => refused.status).toBe('canceled')
  expect(await shop.emitted(PaymentAuthorized, anew.id)).toHaveLength(1)
})

describe('webhook and browser', () => {
  it('that race capture an order once, whichever of the browser’s cards it is paid by', async () => {
    const orders = await Promise.all(Array.from({ length: 4 }, waiting))
    const events = orders.map(({ id }) => {
      stripe.confirm(id)
      return stripe.event(AUTHORIZED, stripe.find(id))
    })
    const body = { provider: 'stripe', token: 'pm_card_visa' }
    await Promise.all(
      orders.flatMap((order, index) => [
        ...[1, 2].map(() => send(events[index]!)),
        ...[1, 2].map(() => shop.pay(order, '', { body })),
      ]),
    )
    for (const order of orders) {
      await shop.until(order, 'confirmed')
      expect(await shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
      const key = newId()
      await Promise.all([1, 2].map(() => shop.ship(order, undefined, { key })))
      await expect.poll(() => statusOf(order)).toEqual(['shipped', 'captured'])
      const states = () => stripe.findAll(order.id).map(({ status }) => status)
      await expect.poll(states).not.toContain('requires_capture')
      expect(states().filter((status) => status === 'succeeded')).toHaveLength(1)
      expect((await shop.order(order)).payment).toMatchObject({ captured: { amount: 1299 } })
    }
  })
})

describe('a webhook of Stripe', () => {
  it('confirms an order once, however often it is repeated, and hides the secret again', async () => {
    const order = await waiting()
    stripe.confirm(order.id)
    const event = stripe.event(AUTHORIZED, stripe.find(order.id))
    const answers = await Promise.all([1, 2, 3].map(() => send(event)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await shop.until(order, 'confirmed')).toMatchObject({ payment: { nextAction: null } })
    expect((await send(event)).body).toEqual({ received: true })
    expect(await shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
    expect(await shop.emitted(OrderConfirmed, order.id)).toHaveLength(1)
  })

  it('that comes before the answer to our request, and one that is overtaken by another, change nothing', async () => {
    const gate = Promise.withResolvers<void>()
    stripe.faults.hold = gate.promise
    const order = await place('pm_card_visa')
    await expect
      .poll(() => stripe.requests.some(({ form }) => form.get('metadata[order_id]') === order.id))
      .toBe(true)
    await send(stripe.event(AUTHORIZED, stripe.find(order.id)))
    await send(
      stripe.event('payment_intent.created', { ...stripe.find(order.id), status: 'requires_payment_method' }),
    )
    stripe.faults.hold = undefined
    gate.resolve()
    await shop.until(order, 'confirmed')
    expect(await shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
  })

  it('is asked about and not believed: a stale cancellation does not decline', async () => {
    const order = await waiting()
    stripe.confirm(order.id)
    await send(stripe.event('payment_intent.canceled', { ...stripe.find(order.id), status: 'canceled' }))
    await shop.until(order, 'confirmed')
  })

  it('that is forged, tampered with, too old or for no provider is refused', async () => {
    const order = await waiting()
    stripe.confirm(order.id)
    const intent = stripe.find(order.id)
    const good = stripe.event(AUTHORIZED, intent)
    const refused = [
      await send(stripe.event(AUTHORIZED, intent, { secret: 'whsec_of_another' })),
      await send(stripe.event(AUTHORIZED, intent, { at: Math.floor(Date.now() / 1_000) - 600 })),
      await send({ ...good, payload: good.payload.replace(order.id, shop.admin.slice(0, 36)) }),
      await send({ ...good, signature: '' }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400])
    expect((await send(good, 'sandbox')).status).toBe(404)
    expect(await statusOf(order)).toEqual(['awaiting_payment', 'requires_action'])
  })

  it('for another order is ignored', async () => {
    const [mine, other] = [await waiting(), await waiting()]
    stripe.confirm(other.id)
    const foreign = stripe.find(other.id)
    const { metadata } = stripe.find(mine.id)
    await send(stripe.event(AUTHORIZED, { ...foreign, metadata }))
    await send(stripe.event(AUTHORIZED, { ...foreign, metadata: { ...metadata, order_id: other.id } }))
    await send(stripe.event(AUTHORIZED, { ...foreign, metadata: {} }))
    expect(await statusOf(mine)).toEqual(['awaiting_payment', 'requires_action'])
    await send(stripe.event(AUTHORIZED, foreign))
    await shop.until(other, 'confirmed')
  })

  it('for a cancelled order authorizes nothing: its payment is withdrawn at Stripe', async () => {
    const order = await waiting()
    stripe.confirm(order.id)
    await shop.cancel(order)
    await send(stripe.event(AUTHORIZED, { ...stripe.find(order.id), status: 'requires_capture' }))
    await expect.poll(() => stripe.find(order.id).status).toBe('canceled')
    expect(await statusOf(order)).toEqual(['cancelled', 'declined'])
    expect(await shop.emitted(PaymentAuthorized, order.id)).toEqual([])
  })

  it('that the authorization was given up is shown to staff', async () => {
    const order = await place('pm_card_visa')
    await shop.until(order, 'confirmed')
    await send(stripe.event('payment_intent.canceled', stripe.find(order.id)))
    const stuck = await shop.send<{ items: object[] }>('GET', '/v1/payments/stuck', { as: shop.admin })
    expect(stuck.body.items).toContainEqual(
      expect.objectContaining({ orderId: order.id, reason: 'authorization-lost', nextTryAt: null }),
    )
    expect((await shop.emitted(PaymentFailed, order.id)).at(-1)?.data).toMatchObject({ kind: 'authorize' })
  })
})

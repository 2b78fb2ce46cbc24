import { randomUUID } from 'node:crypto'
import { ADDRESS } from '../shopper.ts'
import {
  absurd,
  bad,
  badAt,
  byAda,
  byAdmin,
  byBob,
  LONG,
  money,
  type Case,
  type Fixtures,
} from './fixtures.ts'

type Body = Record<string, unknown>
const checkout = (cartId: string, change: Body = {}): Body => ({
  cartId,
  email: 'ada@example.com',
  shippingAddress: ADDRESS,
  shippingMethod: 'standard',
  payment: { provider: 'sandbox', token: 'tok_ok' },
  ...change,
})
const without = (body: Body, field: string) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== field))

const newOrder = badAt('POST', '/v1/orders')
const order = (what: string, bodyOf: (fixtures: Fixtures) => Body, status: number, field?: string) =>
  newOrder(`an order ${what}`, status, field, (fixtures) => ({
    idempotencyKey: randomUUID(),
    body: bodyOf(fixtures),
  }))
const orderWith = (what: string, change: Body, status: number, field?: string) =>
  order(`with ${what}`, ({ guestsCart }) => checkout(guestsCart.id, change), status, field)

const placingCases: Case[] = [
  newOrder('an order without Idempotency-Key', 400, undefined, ({ guestsCart }) => ({
    body: checkout(guestsCart.id),
  })),
  newOrder('an order with an over-long Idempotency-Key', 400, undefined, ({ guestsCart }) => ({
    idempotencyKey: 'k'.repeat(256),
    body: checkout(guestsCart.id),
  })),
  newOrder('an order with a used key and another body', 422, undefined, ({ ada, orderedCart, orderKey }) => ({
    token: ada.token,
    idempotencyKey: orderKey,
    body: checkout(orderedCart.id, { email: 'other@example.com' }),
  })),
  newOrder('a second order of one cart', 409, undefined, ({ ada, orderedCart }) => ({
    token: ada.token,
    idempotencyKey: randomUUID(),
    body: checkout(orderedCart.id),
  })),
  order('of an empty cart', ({ emptyCart }) => checkout(emptyCart.id), 422, 'cartId'),
  order("of somebody else's cart", ({ adasCart }) => checkout(adasCart.id), 404),
  order('of a cart that is not there', () => checkout(randomUUID()), 404),
  ...['cartId', 'shippingAddress', 'shippingMethod', 'payment'].map((field) =>
    order(`without ${field}`, ({ guestsCart }) => without(checkout(guestsCart.id), field), 400, field),
  ),
  order(
    'of a guest without e-mail',
    ({ guestsCart }) => without(checkout(guestsCart.id), 'email'),
    422,
    'email',
  ),
  orderWith('an e-mail that is none', { email: 'nobody' }, 400, 'email'),
  orderWith('half an address', { shippingAddress: { name: 'A' } }, 400, 'shippingAddress'),
  orderWith(
    'a country in words',
    { shippingAddress: { ...ADDRESS, country: 'England' } },
    400,
    'shippingAddress.country',
  ),
  orderWith(
    'an over-long name',
    { shippingAddress: { ...ADDRESS, name: LONG } },
    400,
    'shippingAddress.name',
  ),
  orderWith('an unknown shipping method', { shippingMethod: 'pigeon' }, 422, 'shippingMethod'),
  orderWith('an unknown payment provider', { payment: { provider: 'promises' } }, 422, 'payment.provider'),
  orderWith('a total of its own choice', { totals: { total: money(1) } }, 400, 'totals'),
  orderWith('another total than it costs', { expectedTotal: money(1) }, 409),
  orderWith(
    'an expected total in another currency',
    { expectedTotal: money(1, 'EUR') },
    422,
    'expectedTotal',
  ),
  ...absurd
    .filter(([, value]) => typeof value !== 'object')
    .map(([what, amount]) =>
      orderWith(
        `an expected total of ${what}`,
        { expectedTotal: { amount, currency: 'GBP' } },
        400,
        'expectedTotal.amount',
      ),
    ),
]

const atOrder = (method: 'GET' | 'POST', below = '') =>
  badAt(method, ({ order: { id } }) => `/v1/orders/${id}${below}`)
const read = atOrder('GET')
const pay = atOrder('POST', '/payments')
const payment = { provider: 'sandbox', token: 'tok_ok' }

const placedCases: Case[] = [
  read("somebody else's order", 404, undefined, byBob()),
  read('an order with a wrong secret', 404, undefined, { headers: { 'x-order-token': 'guess' } }),
  atOrder('GET', '/timeline')("the timeline of somebody else's order", 404, undefined, byBob()),
  atOrder('POST', '/cancel')("cancelling somebody else's order", 404, undefined, byBob({ body: {} })),
  bad('an order that is not there', 'GET', `/v1/orders/${randomUUID()}`, 404, undefined, byAda()),
  bad('listing orders as nobody', 'GET', '/v1/orders', 401),
  pay('paying without Idempotency-Key', 400, undefined, byAda({ body: payment })),
  pay('paying what is paid', 409, undefined, byAda({ idempotencyKey: randomUUID(), body: payment })),
  atOrder('POST', '/shipments')('shipping more than was ordered', 409, 'lines', (fixtures) =>
    byAdmin({
      idempotencyKey: randomUUID(),
      body: {
        carrier: 'Post',
        trackingNumber: '1',
        lines: [{ sku: fixtures.mug.sku, quantity: 3 }],
      },
    })(fixtures),
  ),
]

export const orderCases: Case[] = [...placingCases, ...placedCases]

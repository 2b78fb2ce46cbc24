import { randomUUID } from 'node:crypto'
import { ADDRESS } from '../shopper.ts'
import { absurd, asAda, asBob, bad, LONG, money, type Case, type Fixtures } from './fixtures.ts'

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

const order = (what: string, bodyOf: (fixtures: Fixtures) => Body, status: number, field?: string) =>
  bad(`an order ${what}`, 'POST', '/v1/orders', status, field, (fixtures) => ({
    idempotencyKey: randomUUID(),
    body: bodyOf(fixtures),
  }))
const orderWith = (what: string, change: Body, status: number, field?: string) =>
  order(`with ${what}`, ({ guestsCart }) => checkout(guestsCart.id, change), status, field)

const placingCases: Case[] = [
  bad('an order without Idempotency-Key', 'POST', '/v1/orders', 400, undefined, ({ guestsCart }) => ({
    body: checkout(guestsCart.id),
  })),
  bad(
    'an order with an over-long Idempotency-Key',
    'POST',
    '/v1/orders',
    400,
    undefined,
    ({ guestsCart }) => ({
      idempotencyKey: 'k'.repeat(256),
      body: checkout(guestsCart.id),
    }),
  ),
  bad(
    'an order with a used key and another body',
    'POST',
    '/v1/orders',
    422,
    undefined,
    ({ ada, orderedCart, orderKey }) => ({
      token: ada.token,
      idempotencyKey: orderKey,
      body: checkout(orderedCart.id, { email: 'other@example.com' }),
    }),
  ),
  bad('a second order of one cart', 'POST', '/v1/orders', 409, undefined, ({ ada, orderedCart }) => ({
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

const placedCases: Case[] = [
  bad("somebody else's order", 'GET', ({ order: { id } }) => `/v1/orders/${id}`, 404, undefined, asBob),
  bad('an order with a wrong secret', 'GET', ({ order: { id } }) => `/v1/orders/${id}`, 404, undefined, {
    headers: { 'x-order-token': 'guess' },
  }),
  bad(
    "the timeline of somebody else's order",
    'GET',
    ({ order: { id } }) => `/v1/orders/${id}/timeline`,
    404,
    undefined,
    asBob,
  ),
  bad(
    "cancelling somebody else's order",
    'POST',
    ({ order: { id } }) => `/v1/orders/${id}/cancel`,
    404,
    undefined,
    (fixtures) => ({
      ...asBob(fixtures),
      body: {},
    }),
  ),
  bad('an order that is not there', 'GET', `/v1/orders/${randomUUID()}`, 404, undefined, asAda),
  bad('listing orders as nobody', 'GET', '/v1/orders', 401),
  bad(
    'paying without Idempotency-Key',
    'POST',
    ({ order: { id } }) => `/v1/orders/${id}/payments`,
    400,
    undefined,
    (fixtures) => ({
      ...asAda(fixtures),
      body: { provider: 'sandbox', token: 'tok_ok' },
    }),
  ),
  bad(
    'paying what is paid',
    'POST',
    ({ order: { id } }) => `/v1/orders/${id}/payments`,
    409,
    undefined,
    (fixtures) => ({
      ...asAda(fixtures),
      idempotencyKey: randomUUID(),
      body: { provider: 'sandbox', token: 'tok_ok' },
    }),
  ),
  bad(
    'shipping more than was ordered',
    'POST',
    ({ order: { id } }) => `/v1/orders/${id}/shipments`,
    409,
    'lines',
    ({ admin, mug }) => ({
      token: admin,
      idempotencyKey: randomUUID(),
      body: { carrier: 'Post', trackingNumber: '1', lines: [{ sku: mug.sku, quantity: 3 }] },
    }),
  ),
]

export const orderCases: Case[] = [...placingCases, ...placedCases]

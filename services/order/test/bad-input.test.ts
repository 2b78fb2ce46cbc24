import { randomUUID } from 'node:crypto'
import { newId } from '@storewright/database'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startOrder, type OrderService } from './harness.ts'
import type { Call, CartBody, ProblemBody } from './shapes.ts'
import { ADDRESS } from './shop-actions.ts'

let shop: OrderService
let cartId: string

beforeAll(async () => {
  shop = await startOrder()
  await shop.offer('MUG', { price: 1299 })
  await shop.offer('DEAR', { price: 1_000_000_000_000 })
  await shop.offer('EURO', { price: 100, currency: 'EUR' })
  await shop.offer('OLD', { price: 100, status: 'archived' })
  shop.inventory.setStock({ MUG: 10_000_000, DEAR: 10_000_000, EURO: 100, OLD: 100 })
})
afterAll(() => shop.stop())
beforeEach(async () => {
  cartId = (await shop.cartWith({ MUG: 1 })).id
})

const expectProblem = (
  { status, headers, body }: { status: number; headers: Record<string, unknown>; body: ProblemBody },
  expected: number,
  path?: string,
) => {
  expect({ status, path: body.errors?.map((error) => error.path) }).toEqual({
    status: expected,
    path: path === undefined ? body.errors?.map((error) => error.path) : expect.arrayContaining([path]),
  })
  expect(headers['content-type']).toMatch('application/problem+json')
  expect(body).toMatchObject({
    status: expected,
    type: expect.stringMatching(/^urn:storewright:problem:/) as string,
  })
  expect(JSON.stringify(body)).not.toMatch(/select|insert|mysql|node_modules| at .*\.ts/i)
}
const send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, call: Call = {}) =>
  shop.send<ProblemBody>(method, url, call)

const expectCartUntouched = async () => {
  const { body } = await shop.send<CartBody>('GET', `/v1/carts/${cartId}`)
  expect(body).toMatchObject({ status: 'open', version: 2, items: [{ sku: 'MUG', quantity: 1 }] })
}

describe('a quantity', () => {
  it.each([
    ['zero', 0],
    ['negative', -1],
    ['huge', 1e308],
    ['beyond exact numbers', 2 ** 53],
    ['over the limit', 1_000_001],
    ['a fraction', 1.5],
    ['text', '1'],
    ['null', null],
    ['true', true],
    ['a list', [1]],
    ['missing', undefined],
  ])('that is %s is refused by the name of the field', async (_what, quantity) => {
    expectProblem(await send('PUT', `/v1/carts/${cartId}/items/MUG`, { body: { quantity } }), 400, 'quantity')
    const items = [
      { sku: 'MUG', quantity: 2 },
      { sku: 'MUG', quantity },
    ]
    expectProblem(
      await send('PUT', `/v1/carts/${cartId}/items`, { body: { items } }),
      400,
      'items.1.quantity',
    )
    await expectCartUntouched()
  })

  it('that exceeds the limit only in sum is refused as well', async () => {
    const items = [
      { sku: 'MUG', quantity: 1_000_000 },
      { sku: 'mug', quantity: 1 },
    ]
    expectProblem(
      await send('PUT', `/v1/carts/${cartId}/items`, { body: { items } }),
      422,
      'items.0.quantity',
    )
    await expectCartUntouched()
  })

  it('that costs more than an order may is refused', async () => {
    expectProblem(
      await send('PUT', `/v1/carts/${cartId}/items/DEAR`, { body: { quantity: 1_000_000 } }),
      422,
      'quantity',
    )
    await expectCartUntouched()
  })
})

describe('a SKU', () => {
  it.each([
    ['unknown', 'NOPE', 422, 'sku'],
    ['archived', 'OLD', 422, 'sku'],
    ['sold in another currency', 'EURO', 422, 'sku'],
    ['not a SKU', 'A B', 400, 'sku'],
    ['overlong', 'X'.repeat(100), 400, 'sku'],
    ['SQL', "'; drop table carts; --", 400, 'sku'],
    ['a NUL', 'MUG\0', 400, 'sku'],
  ])('that is %s is refused by the name of the field', async (_what, sku, status, path) => {
    const url = `/v1/carts/${cartId}/items/${encodeURIComponent(sku)}`
    expectProblem(await send('PUT', url, { body: { quantity: 1 } }), status, path)
    const items = [
      { sku: 'MUG', quantity: 1 },
      { sku, quantity: 1 },
    ]
    expectProblem(
      await send('PUT', `/v1/carts/${cartId}/items`, { body: { items } }),
      status,
      `items.1.${path}`,
    )
    await expectCartUntouched()
  })
})

describe('a body', () => {
  const url = () => `/v1/carts/${cartId}/items/MUG`
  it('that is not JSON, or another type, or too large, is refused', async () => {
    const json = { 'content-type': 'application/json' }
    expectProblem(await send('PUT', url(), { headers: json, body: '{"quantity":' }), 400)
    expectProblem(await send('PUT', url(), { headers: json, body: '[]' }), 400)
    expectProblem(await send('PUT', url(), { headers: json, body: '7' }), 400)
    expectProblem(await send('PUT', url(), { headers: json, body: '' }), 400)
    expectProblem(await send('PUT', url(), { headers: { 'content-type': 'text/xml' }, body: '<q/>' }), 415)
    const huge = JSON.stringify({ quantity: 1, filler: 'x'.repeat(1_100_000) })
    expectProblem(await send('PUT', url(), { headers: json, body: huge }), 413)
    const polluted = '{"quantity":1,"__proto__":{"admin":true}}'
    expectProblem(await send('PUT', url(), { headers: json, body: polluted }), 400)
    await expectCartUntouched()
  })

  it('with an unknown property or too many lines is refused', async () => {
    expectProblem(await send('PUT', url(), { body: { quantity: 1, price: 1 } }), 400, 'price')
    const items = Array.from({ length: 1_001 }, () => ({ sku: 'MUG', quantity: 1 }))
    expectProblem(await send('PUT', `/v1/carts/${cartId}/items`, { body: { items } }), 400, 'items')
    await expectCartUntouched()
  })

  it('of a new cart must name an existing currency', async () => {
    for (const currency of ['gbp', 'POUND', 7, null, '']) {
      expectProblem(await send('POST', '/v1/carts', { body: { currency } }), 400, 'currency')
    }
    expectProblem(await send('POST', '/v1/carts', { body: { currency: 'ABC' } }), 422, 'currency')
  })
})

describe('an order', () => {
  const good = () => ({
    cartId,
    email: 'a@example.com',
    shippingAddress: ADDRESS,
    shippingMethod: 'standard',
    payment: { provider: 'sandbox', token: 'tok_ok' },
  })
  const place = (change: Record<string, unknown>, call: Call = {}) =>
    send('POST', '/v1/orders', { key: newId(), ...call, body: { ...good(), ...change } })

  it.each<[string, Record<string, unknown>, number, string]>([
    ['without a cart', { cartId: undefined }, 400, 'cartId'],
    ['with a cart that is a number', { cartId: 7 }, 400, 'cartId'],
    ['without an address', { shippingAddress: undefined }, 400, 'shippingAddress'],
    [
      'with half an address',
      { shippingAddress: { ...ADDRESS, city: undefined } },
      400,
      'shippingAddress.city',
    ],
    ['with a blank name', { shippingAddress: { ...ADDRESS, name: '  ' } }, 400, 'shippingAddress.name'],
    [
      'with an overlong name',
      { shippingAddress: { ...ADDRESS, name: 'x'.repeat(201) } },
      400,
      'shippingAddress.name',
    ],
    [
      'to no country',
      { shippingAddress: { ...ADDRESS, country: 'Britain' } },
      400,
      'shippingAddress.country',
    ],
    [
      'with an unknown field in the address',
      { shippingAddress: { ...ADDRESS, planet: 'Mars' } },
      400,
      'shippingAddress.planet',
    ],
    ['with an e-mail that is none', { email: 'nobody' }, 400, 'email'],
    ['without an e-mail, by a guest', { email: undefined }, 422, 'email'],
    ['by an unknown shipping method', { shippingMethod: 'pigeon' }, 422, 'shippingMethod'],
    ['by an unknown payment provider', { payment: { provider: 'iou' } }, 422, 'payment.provider'],
    ['without a token', { payment: { provider: 'sandbox' } }, 422, 'payment.token'],
    [
      'with an overlong token',
      { payment: { provider: 'sandbox', token: 'x'.repeat(256) } },
      400,
      'payment.token',
    ],
    ['with a price as text', { expectedTotal: '12.99' }, 400, 'expectedTotal'],
    ['with half a penny', { expectedTotal: { amount: 12.5, currency: 'GBP' } }, 400, 'expectedTotal.amount'],
    [
      'with a negative total',
      { expectedTotal: { amount: -1, currency: 'GBP' } },
      400,
      'expectedTotal.amount',
    ],
    [
      'with an absurd total',
      { expectedTotal: { amount: 1e308, currency: 'GBP' } },
      400,
      'expectedTotal.amount',
    ],
    [
      'with a total in another currency',
      { expectedTotal: { amount: 1299, currency: 'EUR' } },
      422,
      'expectedTotal.currency',
    ],
    ['with totals in the body', { totals: {} }, 400, 'totals'],
  ])('%s is refused by the name of the field', async (_what, change, status, path) => {
    expectProblem(await place(change), status, path)
    await expectCartUntouched()
  })

  it('without an Idempotency-Key or with an overlong one is refused', async () => {
    expectProblem(await send('POST', '/v1/orders', { body: good() }), 400, 'idempotency-key')
    expectProblem(await place({}, { key: 'x'.repeat(256) }), 400, 'idempotency-key')
    await expectCartUntouched()
  })

  it('of a cart that does not exist or belongs to another user is 404', async () => {
    const ann = await shop.jwks.tokenFor()
    const owned = await shop.cartWith({ MUG: 1 }, { as: ann })
    for (const strange of [randomUUID(), 'nonsense', "' or ''='", owned.id]) {
      expectProblem(await place({ cartId: strange }), 404)
    }
  })

  it('can still be placed after all refused requests', async () => {
    expect((await place({})).status).toBe(201)
  })
})

describe('a token', () => {
  it('that is expired, forged, unsigned or garbage is refused, also where none is needed', async () => {
    const { forge } = shop.jwks
    const signed = await Promise.all([
      forge.expired(),
      forge.foreignKey(),
      forge.publicKeyAsSecret(),
      forge.tampered(),
      shop.jwks.tokenFor({ audience: 'somebody-else' }),
    ])
    const bad = [...signed, forge.unsigned(), 'garbage']
    for (const as of bad) {
      expectProblem(await send('GET', `/v1/carts/${cartId}`, { as }), 401)
      expectProblem(await send('POST', '/v1/carts', { as, body: {} }), 401)
      expectProblem(await send('GET', '/v1/orders', { as }), 401)
    }
  })
})

describe('an id', () => {
  it.each(['/v1/orders/%C3%A9', '/v1/carts/%F0%9F%98%80', '/v1/shipping-methods?country=GB&cartId=%C3%A9'])(
    'with characters outside ASCII is refused: %s',
    async (path) => {
      expectProblem(await send('GET', path, { as: shop.admin }), 400)
    },
  )
})

describe('a list', () => {
  it.each([
    ['cursor=nonsense', 'cursor'],
    [`cursor=${Buffer.from('["x","y"]').toString('base64url')}`, 'cursor'],
    [`cursor=${Buffer.from('[1e300,"y"]').toString('base64url')}`, 'cursor'],
    [`cursor=${Buffer.from('[0,"é"]').toString('base64url')}`, 'cursor'],
    [`cursor=${Buffer.from(`[-8.64e15,"${randomUUID()}"]`).toString('base64url')}`, 'cursor'],
    [`cursor=${'x'.repeat(1_001)}`, 'cursor'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=many', 'limit'],
    ['status=lost', 'status'],
    ['from=yesterday', 'from'],
    ['from=2026-02-31T99:00:00Z', 'from'],
    ['unknown=1', 'unknown'],
  ])('refuses %s by the name of the parameter', async (query, path) => {
    expectProblem(await send('GET', `/v1/orders?${query}`, { as: shop.admin }), 400, path)
  })
})

describe('a change of an order', () => {
  it('with an invalid body is refused by the name of the field', async () => {
    const order = await shop.confirmed({ MUG: 1 })
    const at = `/v1/orders/${order.id}`
    const staff = { as: shop.admin, key: newId() }
    const carrier = { carrier: 'Post', trackingNumber: '1' }
    const ship = (body: unknown) => send('POST', `${at}/shipments`, { ...staff, body })
    expectProblem(await ship({ carrier: 'Post' }), 400, 'trackingNumber')
    expectProblem(await ship({ ...carrier, lines: [] }), 400, 'lines')
    expectProblem(await ship({ ...carrier, lines: [{ sku: 'MUG', quantity: 0 }] }), 400, 'lines.0.quantity')
    expectProblem(
      await send('POST', `${at}/shipments`, { as: shop.admin, body: carrier }),
      400,
      'idempotency-key',
    )

    const guest = { orderToken: order.accessToken }
    expectProblem(
      await send('POST', `${at}/cancel`, { ...guest, body: { reason: 'x'.repeat(101) } }),
      400,
      'reason',
    )
    expectProblem(
      await send('POST', `${at}/payments`, { ...guest, body: { provider: 'sandbox', token: 'tok_ok' } }),
      400,
      'idempotency-key',
    )
    expectProblem(
      await send('POST', `${at}/payments`, { ...guest, key: newId(), body: { provider: 'sandbox' } }),
      422,
      'token',
    )
    expect(await shop.order(order)).toMatchObject({ status: 'confirmed', version: order.version })
  })
})

import { randomUUID } from 'node:crypto'
import { newId } from '@storewright/database'
import { badAddresses, goodAddresses, goodEmails } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { useBadInput } from './bad-input.ts'
import type { Call } from './shapes.ts'
import { ADDRESS } from './shop-actions.ts'

const { shop, cart, refused, expectCartUntouched } = useBadInput()

describe('an order', () => {
  const good = () => ({
    cartId: cart.id,
    email: 'a@example.com',
    shippingAddress: ADDRESS,
    shippingMethod: 'standard',
    payment: { provider: 'sandbox', token: 'tok_ok' },
  })
  const placing = (change: Record<string, unknown>, call: Call = {}) => ({
    key: newId(),
    ...call,
    body: { ...good(), ...change },
  })

  it.each<[string, Record<string, unknown>, number, string]>([
    ['without a cart', { cartId: undefined }, 400, 'cartId'],
    ['with a cart that is a number', { cartId: 7 }, 400, 'cartId'],
    ['without an address', { shippingAddress: undefined }, 400, 'shippingAddress'],
    [
      'with half an address',
      { shippingAddress: { ...ADDRESS, line1: undefined } },
      400,
      'shippingAddress.line1',
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
    [
      'with 3 decimals in a currency of 2',
      { expectedTotal: { amount: 12.5, currency: 'GBP' } },
      400,
      'expectedTotal.amount',
    ],
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
    await refused('POST', '/v1/orders', placing(change), status, path)
    await expectCartUntouched()
  })

  it.each(badAddresses)('to an address $what is refused by the name of the field', async (example) => {
    const { given, status, field } = example
    await refused(
      'POST',
      '/v1/orders',
      placing({ shippingAddress: given }),
      status,
      `shippingAddress.${field}`,
    )
    await refused('POST', '/v1/orders', placing({ billingAddress: given }), status, `billingAddress.${field}`)
  })

  it.each(goodAddresses)('to an address $what keeps it in one form', async ({ given, stored }) => {
    const { status, body } = await shop.send('POST', '/v1/orders', placing({ shippingAddress: given }))
    expect(status).toBe(201)
    expect(body['shippingAddress']).toEqual(stored)
  })

  it.each(goodEmails)('of %j is kept under its normal form', async (written, normal, shown) => {
    const { body } = await shop.send('POST', '/v1/orders', placing({ email: written }))
    expect(body).toMatchObject({ email: shown })
    const rows = await shop.db
      .selectFrom('orders')
      .select('email')
      .where('id', '=', String(body['id']))
      .execute()
    expect(rows).toEqual([{ email: normal }])
  })

  it('without an Idempotency-Key or with an overlong one is refused', async () => {
    await refused('POST', '/v1/orders', { body: good() }, 400, 'idempotency-key')
    await refused('POST', '/v1/orders', placing({}, { key: 'x'.repeat(256) }), 400, 'idempotency-key')
    await expectCartUntouched()
  })

  it('of a cart that does not exist or belongs to another user is 404', async () => {
    const ann = await shop.jwks.tokenFor()
    const owned = await shop.cartWith({ MUG: 1 }, { as: ann })
    for (const strange of [randomUUID(), 'nonsense', "' or ''='", owned.id]) {
      await refused('POST', '/v1/orders', placing({ cartId: strange }), 404)
    }
  })

  it('can still be placed after all refused requests', async () => {
    expect((await shop.send('POST', '/v1/orders', placing({}))).status).toBe(201)
  })
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
    await refused('GET', `/v1/orders?${query}`, { as: shop.admin }, 400, path)
  })
})

describe('a change of an order', () => {
  it('with an invalid body is refused by the name of the field', async () => {
    const order = await shop.confirmed({ MUG: 1 })
    const at = `/v1/orders/${order.id}`
    const staff = { as: shop.admin, key: newId() }
    const carrier = { carrier: 'Post', trackingNumber: '1' }
    const ship = (body: unknown, path: string) =>
      refused('POST', `${at}/shipments`, { ...staff, body }, 400, path)
    await ship({ carrier: 'Post' }, 'trackingNumber')
    await ship({ ...carrier, lines: [] }, 'lines')
    await ship({ ...carrier, lines: [{ sku: 'MUG', quantity: 0 }] }, 'lines.0.quantity')
    await refused('POST', `${at}/shipments`, { as: shop.admin, body: carrier }, 400, 'idempotency-key')

    const guest = { orderToken: order.accessToken }
    await refused('POST', `${at}/cancel`, { ...guest, body: { reason: 'x'.repeat(101) } }, 400, 'reason')
    await refused(
      'POST',
      `${at}/payments`,
      { ...guest, body: { provider: 'sandbox', token: 'tok_ok' } },
      400,
      'idempotency-key',
    )
    await refused(
      'POST',
      `${at}/payments`,
      { ...guest, key: newId(), body: { provider: 'sandbox' } },
      422,
      'token',
    )
    expect(await shop.order(order)).toMatchObject({ status: 'confirmed', version: order.version })
  })
})

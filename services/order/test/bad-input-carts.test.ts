import { describe, it } from 'vitest'
import { useBadInput } from './bad-input.ts'

const { shop, cart, refused, expectCartUntouched } = useBadInput()
const itemsUrl = () => `/v1/carts/${cart.id}/items`

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
    await refused('PUT', `/v1/carts/${cart.id}/items/MUG`, { body: { quantity } }, 400, 'quantity')
    const items = [
      { sku: 'MUG', quantity: 2 },
      { sku: 'MUG', quantity },
    ]
    await refused('PUT', itemsUrl(), { body: { items } }, 400, 'items.1.quantity')
    await expectCartUntouched()
  })

  it('that exceeds the limit only in sum is refused as well', async () => {
    const items = [
      { sku: 'MUG', quantity: 1_000_000 },
      { sku: 'mug', quantity: 1 },
    ]
    await refused('PUT', itemsUrl(), { body: { items } }, 422, 'items.0.quantity')
    await expectCartUntouched()
  })

  it('that costs more than an order may is refused', async () => {
    await refused(
      'PUT',
      `/v1/carts/${cart.id}/items/DEAR`,
      { body: { quantity: 1_000_000 } },
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
    const url = `/v1/carts/${cart.id}/items/${encodeURIComponent(sku)}`
    // In a path it is an id, and one that cannot exist is not found.
    const body = { quantity: 1 }
    if (status === 400) await refused('PUT', url, { body }, 404)
    else await refused('PUT', url, { body }, status, path)
    const items = [
      { sku: 'MUG', quantity: 1 },
      { sku, quantity: 1 },
    ]
    await refused('PUT', itemsUrl(), { body: { items } }, status, `items.1.${path}`)
    await expectCartUntouched()
  })
})

describe('a body', () => {
  const url = () => `${itemsUrl()}/MUG`
  it.each([
    ['cut off', '{"quantity":', 400],
    ['a list', '[]', 400],
    ['a number', '7', 400],
    ['empty', '', 400],
    ['of another type', '<q/>', 415, 'text/xml'],
    ['too large', JSON.stringify({ quantity: 1, filler: 'x'.repeat(1_100_000) }), 413],
    ['meant to change a prototype', '{"quantity":1,"__proto__":{"admin":true}}', 400],
  ])('that is %s is refused', async (_what, body, status, type = 'application/json') => {
    await refused('PUT', url(), { headers: { 'content-type': type }, body }, status)
    await expectCartUntouched()
  })

  it('with an unknown property or too many lines is refused', async () => {
    await refused('PUT', url(), { body: { quantity: 1, price: 1 } }, 400, 'price')
    const items = Array.from({ length: 1_001 }, () => ({ sku: 'MUG', quantity: 1 }))
    await refused('PUT', itemsUrl(), { body: { items } }, 400, 'items')
    await expectCartUntouched()
  })

  it('of a new cart must name an existing currency', async () => {
    for (const currency of ['gbp', 'POUND', 7, null, '']) {
      await refused('POST', '/v1/carts', { body: { currency } }, 400, 'currency')
    }
    await refused('POST', '/v1/carts', { body: { currency: 'ABC' } }, 422, 'currency')
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
      await refused('GET', `/v1/carts/${cart.id}`, { as }, 401)
      await refused('POST', '/v1/carts', { as, body: {} }, 401)
      await refused('GET', '/v1/orders', { as }, 401)
    }
  })
})

describe('an id', () => {
  it.each([
    ['/v1/orders/%C3%A9', 404],
    ['/v1/carts/%F0%9F%98%80', 404],
    ['/v1/shipping-methods?country=GB&cartId=%C3%A9', 404],
  ])('with characters outside ASCII is refused: %s', async (path, status) => {
    await refused('GET', path, { as: shop.admin }, status)
  })
})

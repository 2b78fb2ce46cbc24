import { randomUUID } from 'node:crypto'
import { newId } from '@storewright/database'
import { beforeAll, describe, expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import type { CartBody } from './shapes.ts'

const shop = useOrder({ MUG: 1299, CUP: 250, HAT: 4000 })
let ann: string
let bob: string

beforeAll(async () => {
  ann = await shop.jwks.tokenFor()
  bob = await shop.jwks.tokenFor()
  shop.inventory.setStock({ MUG: 10, CUP: 1000, HAT: 3, GONE: 5 })
})

const cart = async (id: string, as?: string) => shop.send<CartBody>('GET', `/v1/carts/${id}`, { as })
const put = (id: string, sku: string, quantity: number, as?: string, headers: Record<string, string> = {}) =>
  shop.send<CartBody>('PUT', `/v1/carts/${id}/items/${sku}`, { as, headers, body: { quantity } })
const putAll = (id: string, items: unknown[]) =>
  shop.send<CartBody>('PUT', `/v1/carts/${id}/items`, { body: { items } })

describe('a cart', () => {
  it('starts empty, in the requested currency, with a random id', async () => {
    const { status, body, headers } = await shop.send<CartBody>('POST', '/v1/carts', {
      body: { currency: 'EUR' },
    })
    expect(status).toBe(201)
    expect(headers).toMatchObject({ location: `/v1/carts/${body.id}`, etag: '"1"' })
    expect(body).toMatchObject({
      currency: 'EUR',
      version: 1,
      items: [],
      coupons: [],
      totals: { total: { amount: 0 } },
    })
    expect(body.id).toMatch(/^[0-9a-f-]{14}4[0-9a-f]{3}-/)
    expect((await shop.send('POST', '/v1/carts')).body).toMatchObject({ currency: 'GBP' })
  })

  it('sets quantities, so that a repeat is harmless, and counts its version up', async () => {
    const { id } = await shop.cartWith({})
    await put(id, 'mug', 2)
    const { status, body } = await put(id, 'MUG', 2)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      version: 4,
      items: [
        { sku: 'MUG', quantity: 2, unitPrice: { amount: 1299, currency: 'GBP' }, total: { amount: 2598 } },
      ],
      totals: { subtotal: { amount: 2598 }, shipping: { amount: 0 }, total: { amount: 2598 } },
    })
  })

  it('keeps its lines in the order in which they were added', async () => {
    const { id } = await shop.cartWith({ MUG: 1 })
    await put(id, 'HAT', 1)
    await put(id, 'CUP', 1)
    const { body } = await put(id, 'MUG', 3)
    expect(body.items.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      ['MUG', 3],
      ['HAT', 1],
      ['CUP', 1],
    ])
  })

  it('is set as a whole, all lines or none, and sums a SKU that is named twice', async () => {
    const { id } = await shop.cartWith({ HAT: 1 })
    const bad = await putAll(id, [
      { sku: 'MUG', quantity: 1 },
      { sku: 'NOPE', quantity: 1 },
    ])
    expect(bad).toMatchObject({ status: 422, body: { errors: [{ path: 'items.1.sku' }] } })
    expect((await cart(id)).body.items.map(({ sku }) => sku)).toEqual(['HAT'])

    const good = await putAll(id, [
      { sku: 'MUG', quantity: 1 },
      { sku: 'CUP', quantity: 2 },
      { sku: ' mug ', quantity: 3 },
    ])
    expect(good.body.items.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      ['MUG', 4],
      ['CUP', 2],
    ])
    expect((await putAll(id, [])).body.items).toEqual([])
  })

  it('takes a thousand lines at once', async () => {
    const skus = Array.from({ length: 1000 }, (_, index) => `BULK-${index}`)
    await shop.offer('BULK', { price: 7, skus })
    shop.inventory.setStock(Object.fromEntries(skus.map((sku) => [sku, 1])))
    const { id } = await shop.cartWith({})
    const { status, body } = await putAll(
      id,
      skus.map((sku) => ({ sku, quantity: 1 })),
    )
    expect(status).toBe(200)
    expect(body.items.map(({ sku }) => sku)).toEqual(skus)
    expect(body.totals.total.amount).toBe(7000)
    expect(await put(id, 'MUG', 1)).toMatchObject({ status: 422 })
  })

  it('loses a removed line, and does not change when the line was not there', async () => {
    const { id } = await shop.cartWith({ MUG: 1, CUP: 1 })
    const one = await shop.send<CartBody>('DELETE', `/v1/carts/${id}/items/mug`)
    expect(one.body.items.map(({ sku }) => sku)).toEqual(['CUP'])
    expect((await shop.send('DELETE', `/v1/carts/${id}/items/MUG`)).status).toBe(200)
    expect((await shop.send<CartBody>('DELETE', `/v1/carts/${id}/items`)).body.items).toEqual([])
  })

  it('refuses more than is available, and answers what is', async () => {
    const { id } = await shop.cartWith({})
    expect(await put(id, 'HAT', 4)).toMatchObject({
      status: 409,
      body: {
        type: 'urn:storewright:problem:insufficient-stock',
        shortages: [{ sku: 'HAT', wanted: 4, available: 3 }],
        errors: [{ path: 'quantity' }],
      },
    })
    expect(await put(id, 'HAT', 3)).toMatchObject({ status: 200 })
  })

  it('marks lines whose price changed, and lines that went off sale, which then cost nothing', async () => {
    await shop.offer('GONE', { price: 100 })
    const { id } = await shop.cartWith({ GONE: 2, CUP: 1 })
    await shop.offer('GONE', { price: 120, version: 2 })
    expect((await cart(id)).body).toMatchObject({
      items: [{ sku: 'GONE', unitPrice: { amount: 120 }, notices: ['priceChanged'] }, { notices: [] }],
      totals: { total: { amount: 490 } },
    })
    // Setting it again is seeing the new price.
    expect((await put(id, 'GONE', 1)).body.items[0]?.notices).toEqual([])
    await shop.offer('GONE', { price: 120, version: 3, status: 'archived' })
    expect((await cart(id)).body).toMatchObject({
      items: [{ sku: 'GONE', total: { amount: 0 }, notices: ['unavailable'] }, {}],
      totals: { total: { amount: 250 } },
    })
  })

  it('refuses a change of a version that is not the current one', async () => {
    const { id, version } = await shop.cartWith({})
    const stale = await put(id, 'MUG', 1, undefined, { 'if-match': `"${version - 1}"` })
    expect(stale).toMatchObject({ status: 412, body: { version } })
    expect((await cart(id)).body.items).toEqual([])
    expect(await put(id, 'MUG', 1, undefined, { 'if-match': `"${version}"` })).toMatchObject({ status: 200 })
  })

  it('keeps each of many concurrent changes', async () => {
    const { id, version } = await shop.cartWith({})
    const changes = ['MUG', 'CUP', 'HAT'].flatMap((sku) =>
      [1, 2, 3].map((quantity) => put(id, sku, quantity)),
    )
    expect((await Promise.all(changes)).map(({ status }) => status)).toEqual(Array(9).fill(200))
    const { body } = await cart(id)
    expect(body.version).toBe(version + 9)
    expect(body.items.map(({ sku }) => sku).sort()).toEqual(['CUP', 'HAT', 'MUG'])
  })
})

describe('a user’s cart', () => {
  it('is shown to its user on any device, and never to the wrong person', async () => {
    const carol = await shop.jwks.tokenFor()
    expect((await shop.send('GET', '/v1/me/cart', { as: carol })).status).toBe(404)
    const mine = await shop.cartWith({ MUG: 1 }, { as: carol })
    expect((await shop.send<CartBody>('GET', '/v1/me/cart', { as: carol })).body.id).toBe(mine.id)

    for (const as of [undefined, bob]) {
      expect((await cart(mine.id, as)).status).toBe(404)
      expect((await put(mine.id, 'MUG', 1, as)).status).toBe(404)
      expect((await shop.send('DELETE', `/v1/carts/${mine.id}/items`, { as })).status).toBe(404)
      expect((await shop.checkout(mine.id, { as })).status).toBe(404)
    }
    expect((await cart(mine.id, carol)).body.items).toHaveLength(1)
    expect((await shop.send('GET', '/v1/me/cart')).status).toBe(401)
  })

  it('is one for each currency, on however many devices it is begun at once', async () => {
    const fred = await shop.jwks.tokenFor()
    const begin = (currency: string) =>
      shop.send<CartBody>('POST', '/v1/carts', { as: fred, body: { currency } })
    const begun = await Promise.all(['GBP', 'GBP', 'GBP', 'EUR', 'EUR', 'EUR'].map(begin))
    expect(begun.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201, 201])
    expect(new Set(begun.map(({ body }) => body.id)).size).toBe(2)
    const [pounds, , , euros] = begun.map(({ body }) => body.id)
    await put(pounds!, 'MUG', 1, fred)
    const mine = async (query = '') =>
      (await shop.send<CartBody>('GET', `/v1/me/cart${query}`, { as: fred })).body.id
    expect([await mine(), await mine('?currency=EUR'), await mine('?currency=GBP')]).toEqual([
      pounds,
      euros,
      pounds,
    ])
    expect((await shop.send('GET', '/v1/me/cart?currency=JPY', { as: fred })).status).toBe(404)
    await shop.checkout(pounds!, { as: fred })
    expect((await begin('GBP')).status).toBe(201)
  })

  it('is created once for one Idempotency-Key', async () => {
    const key = newId()
    const [one, two] = await Promise.all(
      [1, 2].map(() => shop.send<CartBody>('POST', '/v1/carts', { as: ann, key, body: {} })),
    )
    expect(one?.body.id).toBe(two?.body.id)
    const guests = await Promise.all(
      [1, 2].map(() => shop.send<CartBody>('POST', '/v1/carts', { key, body: {} })),
    )
    expect(guests[0]?.body.id).not.toBe(guests[1]?.body.id)
  })
})

describe('claiming a guest’s cart after log-in', () => {
  const claim = (id: string, as?: string) => shop.send<CartBody>('POST', `/v1/carts/${id}/claim`, { as })

  it('makes it the cart of a user who has none, and shows it to nobody who knew its id', async () => {
    const dora = await shop.jwks.tokenFor()
    const guest = await shop.cartWith({ MUG: 2 })
    expect(await claim(guest.id, dora)).toMatchObject({ status: 200, body: { id: guest.id } })
    expect(await claim(guest.id, dora)).toMatchObject({ status: 200, body: { id: guest.id } })
    expect((await cart(guest.id)).status).toBe(404)
    expect((await claim(guest.id, bob)).status).toBe(404)
  })

  it('merges the cart into the user’s own, once', async () => {
    const emil = await shop.jwks.tokenFor()
    const own = await shop.cartWith({ MUG: 1, CUP: 1 }, { as: emil })
    const guest = await shop.cartWith({ MUG: 2, HAT: 1 })
    const answers = await Promise.all([claim(guest.id, emil), claim(guest.id, emil), claim(guest.id, emil)])
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { id: own.id } })
    expect((await cart(own.id, emil)).body.items.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      ['MUG', 3],
      ['CUP', 1],
      ['HAT', 1],
    ])
    expect((await cart(guest.id)).status).toBe(404)
    expect((await put(guest.id, 'MUG', 1)).status).toBe(404)
    expect((await claim(guest.id, bob)).status).toBe(404)
  })

  it('is refused without a user, for unknown carts and for ordered carts', async () => {
    const guest = await shop.cartWith({ MUG: 1 })
    expect((await claim(guest.id)).status).toBe(401)
    expect((await claim(randomUUID(), ann)).status).toBe(404)
    await shop.checkout(guest.id)
    expect(await claim(guest.id, ann)).toMatchObject({ status: 409 })
  })
})

it('lists the shipping methods in the cart’s currency', async () => {
  const { body } = await shop.send<CartBody>('POST', '/v1/carts', { body: { currency: 'EUR' } })
  const methods = await shop.send('GET', `/v1/shipping-methods?country=GB&cartId=${body.id}`)
  expect(methods).toMatchObject({
    status: 200,
    body: { items: [{ id: 'standard', price: { amount: 0, currency: 'EUR' } }], nextCursor: null },
  })
  expect((await shop.send('GET', `/v1/shipping-methods?cartId=${randomUUID()}`)).status).toBe(404)
})

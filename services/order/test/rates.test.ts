import { CategoryChanged, type Money } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRates } from '../src/rates/rates.ts'
import { useOrder } from './harness.ts'
import type { Call, Method, OrderBody, ProblemBody } from './shapes.ts'

const shop = useOrder()
const ZONES = '/v1/shipping-zones'
const TAXES = '/v1/tax-rates'

interface Versioned {
  id: string
  version: number
  name: string
}
interface ZoneBody extends Versioned {
  countries: string[]
  methods: { id: string; by: string; rates: { from: number; price: Money[] }[]; freeFrom: Money[] }[]
}

const asStaff = <Body>(method: Method, url: string, call: Call = {}) =>
  shop.send<Body & ProblemBody>(method, url, { as: shop.admin, ...call })

const aMethod = (change: object = {}) => ({ id: 'parcel', name: 'Parcel', minDays: 1, maxDays: 2, ...change })
const aZone = (countries: string[], change: object = {}) => ({
  name: 'Zone',
  countries,
  methods: [aMethod({ rates: [{ from: 0, price: [{ amount: 300, currency: 'EUR' }] }] })],
  ...change,
})
const aRate = (change: object = {}) => ({
  name: 'VAT',
  country: 'DE',
  basisPoints: 1_900,
  included: true,
  validFrom: '2026-01-01T00:00:00.000Z',
  ...change,
})

const quotes = async (query: string) => {
  const { body } = await shop.send<{ items: { id: string; price: Money }[] }>(
    'GET',
    `/v1/shipping-methods${query}`,
  )
  return body.items.map(({ id, price }) => `${id} ${price.amount} ${price.currency}`)
}

describe('shipping zones', () => {
  it('begin with one for every country, made once even if several replicas ask first at once', async () => {
    const readers = [1, 2, 3].map(() => createRates(shop.db, { currency: 'GBP', clock: () => new Date() }))
    for (const { zones } of await Promise.all(readers.map(({ readRates }) => readRates())))
      expect(zones).toMatchObject([{ countries: ['*'], methods: [{ id: 'standard' }, { id: 'express' }] }])
    expect(await quotes('?country=GB')).toEqual(['standard 0 GBP', 'express 599 GBP'])
    expect(await quotes('?country=GB&currency=EUR')).toEqual(['standard 0 EUR'])
  })

  it('are added, changed and deleted, and the next cart is priced by them', async () => {
    const key = newId()
    const made = await asStaff<ZoneBody>('POST', ZONES, { key, body: aZone(['FR', 'DE', 'FR']) })
    expect(made).toMatchObject({
      status: 201,
      headers: { location: `${ZONES}/${made.body.id}`, etag: '"1"' },
      body: { countries: ['DE', 'FR'], methods: [{ by: 'flat', freeFrom: [] }] },
    })
    const repeat = await asStaff<ZoneBody>('POST', ZONES, { key, body: aZone(['FR', 'DE', 'FR']) })
    expect(repeat.body.id).toBe(made.body.id)
    expect(await quotes('?country=FR&currency=EUR')).toEqual(['parcel 300 EUR'])

    const url = `${ZONES}/${made.body.id}`
    const patch = { headers: { 'if-match': '"1"' }, body: { countries: ['FR', 'NL'] } }
    const races = await Promise.all([1, 2, 3].map(() => asStaff<ZoneBody>('PATCH', url, patch)))
    expect(races.map(({ status }) => status).sort()).toEqual([200, 412, 412])
    expect((await asStaff<ZoneBody>('GET', url)).body).toMatchObject({ version: 2, countries: ['FR', 'NL'] })
    expect(await quotes('?country=DE')).toEqual(['standard 0 GBP', 'express 599 GBP'])

    expect((await asStaff('DELETE', url, { headers: { 'if-match': '"1"' } })).status).toBe(412)
    expect((await asStaff('DELETE', url)).status).toBe(204)
    expect((await asStaff('DELETE', url)).status).toBe(404)
    expect(await quotes('?country=FR')).toEqual(['standard 0 GBP', 'express 599 GBP'])
  })

  it('never share a country, however many ask for it at once', async () => {
    const asked = await Promise.all(
      [1, 2, 3, 4].map(() => asStaff<ZoneBody>('POST', ZONES, { body: aZone(['IT', 'ES']) })),
    )
    expect(asked.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
    const refused = asked.find(({ status }) => status === 409)
    expect(refused?.body.errors?.map(({ path }) => path)).toEqual(['countries'])
    const { body } = await asStaff<{ items: ZoneBody[] }>('GET', ZONES)
    expect(body.items.filter(({ countries }) => countries.includes('IT'))).toHaveLength(1)
  })

  const price = [{ amount: 1, currency: 'EUR' }]
  it.each([
    [400, 'countries', aZone([])],
    [400, 'countries.0', aZone(['Germany'])],
    [422, 'countries.1', aZone(['AT', 'UK'])],
    [422, 'methods.1.id', aZone(['AT'], { methods: [aMethod(), aMethod()] })],
    [400, 'methods.0.id', aZone(['AT'], { methods: [aMethod({ id: 'Two words' })] })],
    [422, 'methods.0.maxDays', aZone(['AT'], { methods: [aMethod({ minDays: 3 })] })],
    [422, 'methods.0.rates.0.from', aZone(['AT'], { methods: [aMethod({ rates: [{ from: 1, price }] })] })],
    [
      422,
      'methods.0.rates.1.from',
      aZone(['AT'], {
        methods: [
          aMethod({
            by: 'weight',
            rates: [
              { from: 1, price },
              { from: 1, price },
            ],
          }),
        ],
      }),
    ],
    [
      422,
      'methods.0.rates.0.price.1.currency',
      aZone(['AT'], { methods: [aMethod({ rates: [{ from: 0, price: [...price, ...price] }] })] }),
    ],
    [
      422,
      'methods.0.freeFrom.0.currency',
      aZone(['AT'], { methods: [aMethod({ freeFrom: [{ amount: 1, currency: 'ABC' }] })] }),
    ],
    [
      400,
      'methods.0.rates.0.price.0.amount',
      aZone(['AT'], {
        methods: [aMethod({ rates: [{ from: 0, price: [{ amount: 1.5, currency: 'EUR' }] }] })],
      }),
    ],
  ])('are refused with %i at %s', async (status, path, body) => {
    const refused = await asStaff<ZoneBody>('POST', ZONES, { body })
    expect({ status: refused.status, path: refused.body.errors?.[0]?.path }).toEqual({ status, path })
  })
})

it('prices the methods for what is in a cart, by its weight, and states when it may arrive', async () => {
  await shop.offer('ANVIL', { price: 5_000, currency: 'CHF', weightGrams: 4_000 })
  shop.inventory.setStock({ ANVIL: 100 })
  const price = (amount: number) => [{ amount, currency: 'CHF' }]
  const rates = [
    { from: 0, price: price(700) },
    { from: 10_000, price: price(1_900) },
  ]
  const methods = [aMethod({ by: 'weight', rates, freeFrom: price(20_000) })]
  expect((await asStaff('POST', ZONES, { body: aZone(['CH'], { methods }) })).status).toBe(201)
  for (const [quantity, amount] of [
    [2, 700],
    [3, 1_900],
    [4, 0],
  ] as const) {
    const { id } = await shop.cartWith({ ANVIL: quantity }, { currency: 'CHF' })
    const { body } = await shop.send<{ items: object[] }>(
      'GET',
      `/v1/shipping-methods?country=CH&cartId=${id}`,
    )
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    const estimatedDelivery = { from: day(1), to: day(2) }
    expect(body.items).toMatchObject([{ price: { amount, currency: 'CHF' }, estimatedDelivery }])
  }
  expect((await shop.send('GET', '/v1/shipping-methods?country=UK')).status).toBe(422)
})

describe('tax rates', () => {
  const food = newId()
  beforeAll(async () => {
    const data = { categoryId: food, parentId: null, slug: 'food', name: 'Food', deleted: false }
    expect(await shop.deliver(anEvent(CategoryChanged, data))).toBe('applied')
  })

  it('are added, listed in pages, changed and deleted', async () => {
    const ids: string[] = []
    for (const change of [{ category: food, basisPoints: 700 }, {}, { country: 'AT' }]) {
      const { status, body } = await asStaff<Versioned>('POST', TAXES, { body: aRate(change) })
      expect(status).toBe(201)
      ids.push(body.id)
    }
    type List = { items: { id: string }[]; nextCursor: string | null }
    const listed: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: List } = await asStaff<List>(
        'GET',
        `${TAXES}?limit=1${cursor && `&cursor=${cursor}`}`,
      )
      listed.push(...body.items.map(({ id }) => id))
      cursor = body.nextCursor
    }
    expect(listed).toEqual([ids[2], ids[1], ids[0]])
    expect((await asStaff<List>('GET', `${TAXES}?country=AT`)).body.items.map(({ id }) => id)).toEqual([
      ids[2],
    ])

    const url = `${TAXES}/${ids[1]}`
    const patch = { headers: { 'if-match': '"1"' }, body: { basisPoints: 2_000 } }
    const races = await Promise.all([1, 2].map(() => asStaff('PATCH', url, patch)))
    expect(races.map(({ status }) => status).sort()).toEqual([200, 412])
    expect((await asStaff('GET', url)).body).toMatchObject({ version: 2, basisPoints: 2_000, category: null })
    expect((await asStaff('DELETE', url)).status).toBe(204)
    expect((await asStaff('GET', url)).status).toBe(404)
  })

  it('of one country and category never begin at the same instant', async () => {
    const asked = await Promise.all(
      [1, 2, 3].map(() => asStaff('POST', TAXES, { body: aRate({ country: 'PT' }) })),
    )
    expect(asked.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  })

  it.each([
    [400, 'basisPoints', aRate({ basisPoints: 10_001 })],
    [400, 'basisPoints', aRate({ basisPoints: 12.5 })],
    [400, 'included', aRate({ included: undefined })],
    [400, 'validFrom', aRate({ validFrom: '2026-02-30' })],
    [422, 'country', aRate({ country: 'UK' })],
    [422, 'category', aRate({ category: newId() })],
  ])('are refused with %i at %s', async (status, path, body) => {
    const refused = await asStaff<Versioned>('POST', TAXES, { body })
    expect({ status: refused.status, path: refused.body.errors?.[0]?.path }).toEqual({ status, path })
  })
})

it('places an order with the tax that its prices do not contain, shipping’s too, as its cart showed it', async () => {
  const body = aRate({ country: 'US', basisPoints: 725, included: false })
  expect((await asStaff('POST', TAXES, { body })).status).toBe(201)
  await shop.offer('LAMP', { price: 333 })
  shop.inventory.setStock({ LAMP: 100 })
  const cart = await shop.cartWith({ LAMP: 3 })
  const choice = { country: 'US', postalCode: '10001', method: 'express' }
  const shown = await shop.send<OrderBody>('PUT', `/v1/carts/${cart.id}/shipping`, { body: choice })
  const shippingAddress = {
    name: 'A',
    line1: '1 Main St',
    city: 'New York',
    region: 'NY',
    postalCode: '10001',
    country: 'US',
  }
  const more = { shippingMethod: 'express', shippingAddress, expectedTotal: shown.body.totals.total }
  const { status, body: order } = await shop.checkout(cart.id, { more })
  expect({ status, totals: order.totals }).toMatchObject({
    status: 201,
    totals: {
      subtotal: { amount: 999 },
      shipping: { amount: 599 },
      tax: { amount: 116 },
      total: { amount: 1_714 },
    },
  })
  expect(order.totals).toEqual(shown.body.totals)
})

it('keeps settings from everybody without settings:write', async () => {
  const others = await shop.jwks.tokenFor({ permissions: ['orders:write', 'catalog:write'] })
  for (const url of [ZONES, TAXES]) {
    expect((await shop.send('GET', url)).status).toBe(401)
    expect((await shop.send('GET', url, { as: others })).status).toBe(403)
  }
})

it('keeps the newest place of a category, in whatever order and however often its events arrive', async () => {
  const categoryId = newId()
  const [parent, other] = [newId(), newId()]
  const event = (
    parentId: string | null,
    aggregateVersion: number,
    more: { deleted?: boolean; replay?: boolean } = {},
  ) => {
    const { deleted = false, replay = false } = more
    const data = { categoryId, parentId, slug: 'tea', name: 'Tea', deleted }
    return anEvent(CategoryChanged, data, { aggregateVersion, replay })
  }
  const parentNow = async () => {
    const reader = createRates(shop.db, { currency: 'GBP', clock: () => new Date() })
    return (await reader.readRates()).categoryParents.get(categoryId)
  }
  const second = event(parent, 2)
  for (const sent of [second, event(other, 1), second]) await shop.deliver(sent)
  expect(await parentNow()).toBe(parent)
  await shop.deliver(event(other, 2, { replay: true }))
  expect(await parentNow()).toBe(other)
  await shop.deliver(event(null, 3, { deleted: true }))
  await shop.deliver(event(parent, 2))
  expect(await parentNow()).toBeUndefined()
})

it('reads the rates once for many, and again only after they have changed', async () => {
  await quotes('')
  const statements: string[] = []
  const db = shop.db.withPlugin({
    transformQuery: ({ node }) => (statements.push(node.kind), node),
    transformResult: async ({ result }) => result,
  })
  const { readRates, forget, readPromotionsByCode } = createRates(db, {
    currency: 'GBP',
    clock: () => new Date(),
  })
  const [first] = await Promise.all([readRates(), readRates(), readRates()])
  await readRates()
  await readPromotionsByCode([])
  expect(statements).toHaveLength(5)
  forget()
  await readRates()
  expect(statements).toHaveLength(10)
  expect(await readRates()).not.toBe(first)
})

import { StockStatusChanged } from '@storewright/contracts'
import { anEvent } from '@storewright/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

interface Page {
  items: { name: string; price: { amount: number; currency: string } | null }[]
  nextCursor: string | null
  total?: number | null
  facets?: { name: string; values: object[] }[]
}

const read = async (query: string, as?: 'staff') => {
  const answer = await catalog.get(`/v1/products?${query}`, as)
  expect(answer.status, answer.text).toBe(200)
  return answer.body as unknown as Page
}
const names = async (query: string) => (await read(`sort=name&${query}`)).items.map(({ name }) => name)

describe('a long name', () => {
  it('of 199 emoji is paged through like any other', async () => {
    const made = ['a', 'b', 'c'].map((letter) => `${'😀'.repeat(199)}${letter}`)
    for (const name of made) await catalog.makeProduct({ name })
    const found: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await read(`sort=name&limit=1${cursor && `&cursor=${cursor}`}`)
      found.push(...page.items.map(({ name }) => name))
      cursor = page.nextCursor
    }
    expect(found.filter((name) => name.startsWith('😀'))).toEqual(made)
  })
})

describe('a list in a currency', () => {
  const priced = (name: string, ...prices: { amount: number; currency: string }[]) =>
    catalog.makeProduct({
      name,
      attributes: { trade: 'far' },
      variants: [{ sku: catalog.nextSku(), prices }],
    })

  it('has what is priced in it, and means it by prices, order, facets and totals', async () => {
    await priced('Both', gbp(1_050), { amount: 2_000, currency: 'JPY' })
    await priced('Pounds', gbp(1_200))
    await priced('Yen', { amount: 1_000, currency: 'JPY' })
    const far = async (query: string) =>
      (await read(`attr.trade=far&sort=price&${query}`)).items.map(({ name, price }) => [name, price?.amount])
    expect(await far('')).toEqual([
      ['Both', 1_050],
      ['Pounds', 1_200],
    ])
    expect(await far('currency=JPY')).toEqual([
      ['Yen', 1_000],
      ['Both', 2_000],
    ])
    // A thousand yen are no ten pounds.
    expect(await far('minPrice=1000&maxPrice=1100')).toEqual([['Both', 1_050]])
    expect(await far('minPrice=1100&currency=JPY')).toEqual([['Both', 2_000]])
    expect(await far('currency=EUR')).toEqual([])
    const page = await read('attr.trade=far&currency=JPY&total=true&facets=price,attr.trade')
    expect(page).toMatchObject({
      total: 2,
      facets: [
        { name: 'price', min: { amount: 1_000, currency: 'JPY' }, max: { amount: 2_000, currency: 'JPY' } },
        { name: 'attr.trade', values: [{ value: 'far', label: 'far', count: 2 }] },
      ],
    })
    expect((await read('currency=JPY&total=true')).total).toBe(2)
  })

  it('of drafts has all of them, whatever their prices, unless it is about prices', async () => {
    const draft = (name: string, variants: object[]) =>
      catalog.makeProduct({ name, variants }, { publish: false })
    await draft('Unpriced', [])
    await draft('In yen', [{ sku: catalog.nextSku(), prices: [{ amount: 5, currency: 'JPY' }] }])
    await draft('In pounds', [{ sku: catalog.nextSku(), price: gbp(5) }])
    const drafts = async (query: string) =>
      (await read(`status=draft&sort=name&${query}`, 'staff')).items.map(({ name, price }) => [
        name,
        price?.amount,
      ])
    expect(await drafts('')).toEqual([
      ['In pounds', 5],
      ['In yen', undefined],
      ['Unpriced', undefined],
    ])
    expect(await drafts('minPrice=1')).toEqual([['In pounds', 5]])
    expect(await drafts('currency=JPY')).toEqual([['In yen', 5]])
  })

  it('moves with the currencies of a product', async () => {
    const { id, variants } = await priced('Moving', gbp(1))
    const inYen = async () =>
      (await read('attr.trade=far&currency=JPY&sort=name')).items.map(({ name }) => name)
    const prices = (list: object[]) =>
      catalog.send('PATCH', `/v1/variants/${variants[0].sku}`, { as: 'staff', body: { prices: list } })
    await prices([{ amount: 7, currency: 'JPY' }])
    expect(await inYen()).toContain('Moving')
    expect(await names('attr.trade=far')).not.toContain('Moving')
    expect((await catalog.get(`/v1/products/${id}?currency=JPY`)).body.price).toEqual({
      amount: 7,
      currency: 'JPY',
    })
    expect((await catalog.get(`/v1/products/${id}`)).body.price).toBeNull()
    await prices([gbp(2)])
    expect(await inYen()).not.toContain('Moving')
  })
})

describe('the shop', () => {
  const readShop = async () => {
    const { status, text } = await catalog.get('/v1/shop')
    expect(status, text).toBe(200)
    return JSON.parse(text) as Record<'currencies' | 'countries' | 'shippingCountries', string[]>
  }
  const currencies = async () => (await readShop()).currencies

  it('names its currencies, where it sends orders, and how one can pay', async () => {
    const found = await readShop()
    expect(found).toMatchObject({
      defaultCurrency: 'GBP',
      paymentProviders: [{ name: 'sandbox', needsToken: true, publishableKey: null }, { name: 'manual' }],
    })
    for (const list of [found.countries, found.shippingCountries]) expect(list).toContain('GB')
  })

  it('has the currencies in which something is on sale', async () => {
    const variants = [{ sku: catalog.nextSku(), prices: [{ amount: 5, currency: 'KWD' }] }]
    const { id } = await catalog.makeProduct({ name: 'In dinars', variants }, { publish: false })
    expect(await currencies()).not.toContain('KWD')
    await catalog.send('POST', `/v1/products/${id}/publish`, { as: 'staff' })
    expect(await currencies()).toEqual(expect.arrayContaining(['GBP', 'KWD']))
    await catalog.send('POST', `/v1/products/${id}/archive`, { as: 'staff' })
    expect(await currencies()).not.toContain('KWD')
  })
})

describe('a search in a list', () => {
  const walk = async (query: string, limit: number) => {
    const found: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await read(`${query}&limit=${limit}${cursor && `&cursor=${cursor}`}`)
      found.push(...page.items.map(({ name }) => name))
      cursor = page.nextCursor
    }
    return found
  }

  beforeAll(async () => {
    const goods: [name: string, amount: number][] = [
      ['Stand for a teapot and six glasses', 900],
      ['Teapot', 2_000],
      ['Teapot lid', 300],
      ['Teapots, set of two', 4_000],
    ]
    for (const [name, amount] of goods)
      await catalog.makeProduct({
        name,
        attributes: { found: amount > 500 ? 'dear' : 'cheap' },
        variants: [{ sku: catalog.nextSku(), price: gbp(amount) }],
      })
    await catalog.makeProduct({ name: 'Teapot draft' }, { publish: false })
  })

  it('has the most relevant first, page by page, and any other order on request', async () => {
    const all = await walk('q=teapot', 50)
    expect(all).toHaveLength(4)
    expect(all[0]).toBe('Teapot')
    expect(await walk('q=teapot', 1)).toEqual(all)
    expect(await walk('q=teapot&sort=relevance', 3)).toEqual(all)
    expect(await walk('q=teapot&sort=price', 1)).toEqual([
      'Teapot lid',
      'Stand for a teapot and six glasses',
      'Teapot',
      'Teapots, set of two',
    ])
  })

  it('goes together with filters, facets and totals', async () => {
    const page = await read('q=teapot&attr.found=dear&maxPrice=3000&total=true&facets=attr.found,price')
    expect(page.items.map(({ name }) => name)).toEqual(['Teapot', 'Stand for a teapot and six glasses'])
    expect(page).toMatchObject({ total: 2, facetsComplete: true })
    expect(page.facets?.[0]?.values).toEqual([
      { value: 'dear', label: 'dear', count: 2 },
      { value: 'cheap', label: 'cheap', count: 1 },
    ])
    expect(page.facets?.[1]).toMatchObject({ min: gbp(900), max: gbp(4_000) })
    expect(await read('q=nosuchword&total=true&facets=price')).toMatchObject({ items: [], total: 0 })
    expect((await catalog.get('/v1/products?q=teapot&category=no-such')).status).toBe(404)
  })
})

describe('the ETag of a product', () => {
  it('rises with a stock status that it shows, while edits go by the version in it', async () => {
    const { id, version, variants } = await catalog.makeProduct()
    const url = `/v1/products/${id}`
    const tag = String((await catalog.get(url)).headers['etag'])
    expect(tag).toMatch(new RegExp(`^"${version}-\\d+`))
    const known = { headers: { 'if-none-match': tag } }
    expect((await catalog.send('GET', url, known)).status).toBe(304)
    const [{ sku }] = variants
    await catalog.deliver(anEvent(StockStatusChanged, { sku, status: 'low_stock', available: 1 }))
    const after = await catalog.send('GET', url, known)
    expect(after.status).toBe(200)
    expect(after.body).toMatchObject({ version, stockStatus: 'low_stock' })
    const edited = await catalog.send('PATCH', url, {
      as: 'staff',
      body: { description: 'Other' },
      headers: { 'if-match': tag },
    })
    expect(edited.status).toBe(200)
    expect((await catalog.get(url)).headers['etag']).not.toBe(after.headers['etag'])
  })

  it('of a list is another one when a product of it changed, and the same when none did', async () => {
    const { id } = await catalog.makeProduct({ attributes: { tagged: 'yes' } })
    const url = '/v1/products?attr.tagged=yes'
    const tag = String((await catalog.get(url)).headers['etag'])
    expect((await catalog.send('GET', url, { headers: { 'if-none-match': tag } })).status).toBe(304)
    await catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body: { name: 'Tagged' } })
    expect((await catalog.send('GET', url, { headers: { 'if-none-match': tag } })).status).toBe(200)
  })
})

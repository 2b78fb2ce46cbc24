import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { operationsOf, type OpenApi } from './support/document/openapi.ts'
import { openShopkeeper, visit, type Shopkeeper } from './support/shopper.ts'

const underTest = inject('shop')
const document = (await (await fetch(`${underTest.gatewayUrl}/openapi.json`)).json()) as OpenApi
const reads = operationsOf(document).filter(({ method }) => method === 'GET')

const shop = visit(underTest.gatewayUrl)
let keeper: Shopkeeper
let mug: Awaited<ReturnType<Shopkeeper['listProduct']>>

beforeAll(async () => {
  keeper = await openShopkeeper(shop, underTest.admin)
  mug = await keeper.listProduct()
})
afterAll(() => shop.close())

const get = (path: string) => shop.http.send('GET', path, { token: keeper.token })
const fill = (path: string, of: (name: string) => string) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(of(name)))

describe('an id that cannot exist', () => {
  const paths = reads.map(({ path }) => path).filter((path) => path.includes('{'))

  it.each(paths)('is not found at %s', async (path) => {
    for (const id of ['é', 'constructor', '__proto__', "' or 1=1 --", '🫖'.repeat(36)]) {
      const { status } = await get(fill(path, () => id))
      // What cannot be an id may also be refused as one.
      expect([400, 404], `${id} at ${path}`).toContain(status)
    }
  })
})

describe('tracking parameters', () => {
  const required: Record<string, string> = { '/v1/stock': 'skus=A&' }

  it.each(reads.map(({ path }) => path))('change nothing at %s', async (path) => {
    const url = `${fill(path, (name) => (name === 'sku' ? mug.sku : mug.id))}?${required[path] ?? ''}`
    const { status } = await get(url)
    const tracked = await get(`${url}utm_source=mail&utm_campaign=%F0%9F%8E%81&gclid=a&fbclid=b&fbclid=c`)
    expect(tracked.status).toBe(status)
    expect(tracked.status).not.toBe(400)
    if (!path.startsWith('/v1/') || status >= 400) return
    expect((await get(`${url}colour=blue`)).status).toBe(400)
  })
})

it('reaches a SKU with slashes by every path that names one', async () => {
  const sku = `T/${randomUUID().slice(0, 8)}//B`.toUpperCase()
  const { token } = keeper
  const product = await shop.createProduct(token, {
    name: `Addressed ${sku}`,
    variants: [{ sku, name: 'Mug', price: { amount: 100, currency: 'GBP' } }],
  })
  await shop.publishProduct(token, product.id)
  await shop.adjustStock(token, sku, 5, randomUUID())
  const path = encodeURIComponent(sku)
  for (const address of [
    `/v1/stock/${path}`,
    `/v1/stock/${path}/movements`,
    `/v1/variants/${path}/price-history`,
    `/v1/variants/${path}/scheduled-prices`,
    `/v1/stock?skus=${path}`,
  ])
    expect((await get(address)).status, address).toBe(200)
  const patch = { token, body: { name: 'Mug, blue' } }
  expect((await shop.http.send('PATCH', `/v1/variants/${path}`, patch)).status).toBe(200)
})

it.each(['A/../B', 'A/./B'])('refuses the SKU %s, which no path would reach', async (sku) => {
  const { status, body } = await shop.http.send('POST', '/v1/products', {
    token: keeper.token,
    body: { name: 'Nowhere', variants: [{ sku, price: { amount: 100, currency: 'GBP' } }] },
  })
  expect([status, body]).toMatchObject([400, { errors: [{ path: 'variants.0.sku' }] }])
})

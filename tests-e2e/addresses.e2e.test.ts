import { randomUUID } from 'node:crypto'
import type { Schema } from '@storewright/client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { exampleRequest } from './support/access-matrix/example-request.ts'
import { operationsOf, type OpenApi } from './support/document/openapi.ts'
import { openShopkeeper, visit, type Shopkeeper } from './support/shopper.ts'

const underTest = inject('shop')
const document = (await (await fetch(`${underTest.gatewayUrl}/openapi.json`)).json()) as OpenApi
const operations = operationsOf(document)
const reads = operations.filter(({ method }) => method === 'GET')

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
  const ids = [
    'é',
    'constructor',
    '__proto__',
    "' or 1=1 --",
    '🫖'.repeat(36),
    `${'x'.repeat(300)} `,
    'A/B C',
  ]

  it.each(operations.filter(({ path }) => path.includes('{')))(
    'is not found by $method $path',
    async ({ method, path, operation }) => {
      const answerTo = async (id: string) => {
        const { call } = exampleRequest({ path, operation })
        const request = { ...call, token: keeper.token }
        return shop.http.send(
          method,
          fill(path, () => id),
          request,
        )
      }
      const answers = await Promise.all(
        ids.map(async (id) => {
          const { status, body } = await answerTo(id)
          return [id, status, (body as Schema<'Problem'>).type]
        }),
      )
      expect(answers).toEqual(ids.map((id) => [id, 404, 'urn:storewright:problem:not-found']))
      // No path may have NUL.
      expect((await answerTo('\0')).body).toMatchObject({ status: 400 })
    },
  )
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

it.each(['products', 'categories'])(
  'redirects from a former slug of %s to the present one',
  async (things) => {
    const [former, present] = [`old-${randomUUID()}`, `new-${randomUUID()}`]
    const send = (method: 'POST' | 'PATCH', path: string, body: Record<string, unknown>) =>
      shop.http.send(method, path, { token: keeper.token, body })
    const variants = [{ sku: former, price: { amount: 100, currency: 'GBP' } }]
    const made = await send('POST', `/v1/${things}`, {
      name: former,
      slug: former,
      ...(things === 'products' && { variants }),
    })
    const { id } = made.body as { id: string }
    if (things === 'products') await shop.publishProduct(keeper.token, id)
    await send('PATCH', `/v1/${things}/${id}`, { slug: present })

    const query = '?utm_source=mail%20of%20May'
    const visitor = { redirect: 'manual', headers: { 'if-none-match': '*' } } as const
    const moved = await fetch(`${underTest.gatewayUrl}/v1/${things}/${former}${query}`, visitor)
    expect([moved.status, await moved.text()]).toEqual([308, ''])
    const location = moved.headers.get('location') ?? ''
    expect(location).toBe(`/v1/${things}/${present}${query}`)
    // Another product may take the slug, so nobody keeps this for ever.
    expect([moved.headers.get('cache-control'), moved.headers.get('etag')]).toEqual(['no-cache', null])
    const found = await fetch(new URL(location, underTest.gatewayUrl))
    expect([found.status, ((await found.json()) as { id: string }).id]).toEqual([200, id])
  },
)

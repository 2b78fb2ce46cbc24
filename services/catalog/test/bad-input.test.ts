import { beforeAll, describe, expect, it } from 'vitest'
import { anId, gbp, useCatalog, type Answer } from './harness.ts'

const catalog = useCatalog()
let id: string
let sku: string
beforeAll(async () => {
  const product = await catalog.makeProduct()
  id = product.id
  sku = product.variants[0].sku
})

const send = (method: 'POST' | 'PUT' | 'PATCH', url: string, body: unknown, headers = {}) =>
  catalog.send(method, url, {
    as: 'staff',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })

const refused = (answer: Answer, status: number, path?: string) => {
  expect(answer.status, answer.text).toBe(status)
  expect(answer.headers['content-type']).toContain('application/problem+json')
  expect(answer.body).toMatchObject({ status, requestId: expect.any(String), title: expect.any(String) })
  if (path !== undefined) expect(answer.body.errors.map((error) => error.path)).toContain(path)
}

const long = (length: number) => 'x'.repeat(length)

describe('the catalogue refuses', () => {
  it('an invalid product, naming the field', async () => {
    const variant = { sku: 'BAD', price: gbp(1) }
    const cases: [Record<string, unknown>, number, string][] = [
      [{}, 400, 'name'],
      [{ name: '' }, 400, 'name'],
      [{ name: '  \t ' }, 400, 'name'],
      [{ name: 7 }, 400, 'name'],
      [{ name: null }, 400, 'name'],
      [{ name: long(201) }, 400, 'name'],
      [{ name: 'nul \0' }, 400, 'name'],
      ...[...'\r\n\u2028\u0085\x1b\u202e\u200b'].map(
        (character): [Record<string, unknown>, number, string] => [
          { name: `Mug${character}blue` },
          400,
          'name',
        ],
      ),
      [{ name: '\ud800' }, 400, 'name'],
      [{ name: 'x', colour: 'blue' }, 400, 'colour'],
      [{ name: 'x', id: anId() }, 400, 'id'],
      [{ name: 'x', status: 'published' }, 400, 'status'],
      [{ name: 'x', slug: 'Not A Slug' }, 400, 'slug'],
      [{ name: 'x', slug: long(121) }, 400, 'slug'],
      [{ name: 'x', slug: 'import' }, 422, 'slug'],
      [{ name: 'x', slug: anId() }, 422, 'slug'],
      [{ name: 'x', description: long(20_001) }, 400, 'description'],
      [{ name: 'x', categoryIds: 'x' }, 400, 'categoryIds'],
      [{ name: 'x', categoryIds: ['x'] }, 400, 'categoryIds.0'],
      [{ name: 'x', categoryIds: [anId()] }, 422, 'categoryIds.0'],
      [{ name: 'x', attributes: { colour: null } }, 400, 'attributes.colour'],
      [{ name: 'x', attributes: { colour: 1e16 } }, 400, 'attributes.colour'],
      [{ name: 'x', attributes: { colour: [1] } }, 400, 'attributes.colour'],
      [{ name: 'x', attributes: { Colour: 'a', 'colour ': 'b' } }, 422, 'attributes.colour'],
      [{ name: 'x', attributes: { Größe: 'a', GRÖSSE: 'b' } }, 422, 'attributes.GRÖSSE'],
      [{ name: 'x', metadata: [] }, 400, 'metadata'],
      [{ name: 'x', metadata: { a: { b: { c: { d: { e: { f: {} } } } } } } }, 422, 'metadata'],
      [{ name: 'x', metadata: { a: long(8_190) } }, 422, 'metadata'],
      [{ name: 'x', seo: { title: 7 } }, 400, 'seo.title'],
      [{ name: 'x', seo: { keywords: 'a' } }, 400, 'seo.keywords'],
      [{ name: 'x', attributes: { ' ': 'x' } }, 400, 'attributes. '],
      [
        { name: 'x', attributes: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`a${n}`, 'x'])) },
        400,
        'attributes',
      ],
      [{ name: 'x', media: [{ url: 'javascript:alert(1)' }] }, 400, 'media.0.url'],
      [{ name: 'x', variants: [{}] }, 400, 'variants.0.sku'],
      [{ name: 'x', variants: [{ ...variant, sku: '' }] }, 400, 'variants.0.sku'],
      [{ name: 'x', variants: [{ ...variant, sku: long(65) }] }, 400, 'variants.0.sku'],
      [{ name: 'x', variants: [{ ...variant, sku: 'a b' }] }, 400, 'variants.0.sku'],
      [{ name: 'x', variants: [variant, { ...variant, sku: ' bad' }] }, 422, 'variants.1.sku'],
      [{ name: 'x', variants: [{ ...variant, price: 12 }] }, 400, 'variants.0.price'],
      [{ name: 'x', variants: [{ ...variant, price: { amount: 1 } }] }, 400, 'variants.0.price.currency'],
      [{ name: 'x', variants: [{ ...variant, sku }] }, 409, 'variants.0.sku'],
      [{ name: 'x', variants: [{ sku: 'BAD' }] }, 400, 'variants.0.price'],
      [{ name: 'x', variants: [{ sku: 'BAD', prices: [] }] }, 400, 'variants.0.prices'],
      [{ name: 'x', variants: [{ ...variant, prices: [gbp(2)] }] }, 422, 'variants.0.prices.0.currency'],
      [
        { name: 'x', variants: [{ ...variant, prices: [{ amount: 1, currency: 'EUP' }] }] },
        422,
        'variants.0.prices.0.currency',
      ],
      [
        { name: 'x', variants: [{ ...variant, compareAtPrice: gbp(1) }] },
        422,
        'variants.0.compareAtPrice.amount',
      ],
      [
        { name: 'x', variants: Array.from({ length: 101 }, (_, n) => ({ ...variant, sku: `B${n}` })) },
        400,
        'variants',
      ],
    ]
    for (const [body, status, path] of cases) refused(await send('POST', '/v1/products', body), status, path)
    expect((await catalog.get('/v1/products?status=draft', 'staff')).body.items).toEqual([])
    expect((await catalog.get('/v1/products')).body.items).toHaveLength(1)
  })

  it('a price that is not an amount of an ISO 4217 currency', async () => {
    const put = (price: unknown, more = {}) => send('PUT', `/v1/variants/${sku}/price`, { price, ...more })
    for (const amount of [0, -1, 1.5, 1e308, 2 ** 53, 1_000_000_000_001, '1', null, true])
      refused(await put({ amount, currency: 'GBP' }), 400, 'price.amount')
    for (const currency of ['gbp', 'GBPX', '', null, 1])
      refused(await put({ amount: 1, currency }), 400, 'price.currency')
    for (const currency of ['ABC', 'XXX', 'XAU'])
      refused(await put({ amount: 1, currency }), 422, 'price.currency')
    refused(await put(undefined), 400, 'price')
    refused(await put(gbp(1), { reason: long(201) }), 400, 'reason')
    refused(await put(gbp(1), { effectiveAt: 'soon' }), 400, 'effectiveAt')
    refused(await put(gbp(1), { effectiveAt: 1e308 }), 400, 'effectiveAt')
    refused(await put({ ...gbp(1), tax: 1 }), 400, 'price.tax')
    const euros = (amount: number) => ({ amount, currency: 'EUR' })
    refused(await put(gbp(5), { compareAtPrice: gbp(5) }), 422, 'compareAtPrice.amount')
    refused(await put(gbp(5), { compareAtPrice: euros(9) }), 422, 'compareAtPrice.currency')
    refused(await put(gbp(5), { prices: [gbp(6)] }), 422, 'prices.0.currency')
    refused(
      await put(gbp(5), { prices: [{ ...euros(6), compareAtPrice: euros(1) }] }),
      422,
      'prices.0.compareAtPrice.amount',
    )
    refused(await put(undefined, { prices: [euros(-1)] }), 400, 'prices.0.amount')
    refused(await put(undefined, { prices: Array(21).fill(euros(1)) }), 400, 'prices')
    expect((await put(gbp(1))).body).toMatchObject({ price: gbp(1) })
    expect((await put(gbp(1_000_000_000_000))).status).toBe(200)
    refused(await send('PUT', '/v1/variants/NO-SUCH/price', { price: gbp(1) }), 404)
    refused(await send('PUT', '/v1/variants/%20%21/price', { price: gbp(1) }), 404)
  })

  it('an invalid or empty patch', async () => {
    refused(await send('PATCH', `/v1/products/${id}`, {}), 400)
    refused(await send('PATCH', `/v1/products/${id}`, { variants: [] }), 400, 'variants')
    refused(await send('PATCH', `/v1/products/${id}`, { name: null }), 400, 'name')
    refused(await send('PATCH', `/v1/products/${anId()}`, { name: 'x' }), 404)
    refused(await send('PATCH', '/v1/products/not-an-id', { name: 'x' }), 404)
    refused(await send('PATCH', `/v1/variants/${sku}`, { price: gbp(1) }), 400, 'price')
    refused(
      await send('PATCH', `/v1/variants/${sku}`, { prices: [gbp(1), gbp(2)] }),
      422,
      'prices.1.currency',
    )
    refused(await send('PATCH', '/v1/variants/NO-SUCH', { name: 'x' }), 404)
    refused(await send('PATCH', `/v1/categories/${anId()}`, { name: 'x' }), 404)
  })

  it('an invalid category', async () => {
    refused(await send('POST', '/v1/categories', { name: 'a > b' }), 400, 'name')
    refused(await send('POST', '/v1/categories', { name: long(101) }), 400, 'name')
    refused(await send('POST', '/v1/categories', { name: 'x', parentId: 'x' }), 400, 'parentId')
    refused(await send('POST', '/v1/categories', { name: 'x', parentId: anId() }), 422, 'parentId')
    refused(await send('POST', '/v1/categories', { name: 'x', position: -1 }), 400, 'position')
    refused(await send('POST', '/v1/categories', { name: 'x', position: 1e308 }), 400, 'position')
  })

  it('an invalid query parameter of the product list', async () => {
    for (const [query, path] of [
      ['limit=0', 'limit'],
      ['limit=101', 'limit'],
      ['limit=-1', 'limit'],
      ['limit=x', 'limit'],
      ['limit=1e308', 'limit'],
      ['minPrice=-1', 'minPrice'],
      ['minPrice=1.5', 'minPrice'],
      ['maxPrice=9007199254740992', 'maxPrice'],
      ['inStock=maybe', 'inStock'],
      ['sort=cheapest', 'sort'],
      ['status=deleted', 'status'],
      ['currency=pounds', 'currency'],
      [`q=${long(201)}`, 'q'],
      ['colour=blue', 'colour'],
    ])
      refused(await catalog.get(`/v1/products?${query}`), 400, path)
    expect((await catalog.get(`/v1/products?q=${encodeURIComponent('\u{1F600}'.repeat(50))}`)).status).toBe(
      200,
    )
  })

  it('an invalid cursor, also one of another sort order', async () => {
    await catalog.makeProduct()
    const { nextCursor } = (await catalog.get('/v1/products?limit=1&sort=price')).body
    expect((await catalog.get(`/v1/products?limit=1&sort=price&cursor=${nextCursor}`)).status).toBe(200)
    const pack = (...values: unknown[]) => Buffer.from(JSON.stringify(values)).toString('base64url')
    for (const cursor of [
      'x',
      '%00',
      nextCursor,
      pack('products-newest', 'yesterday', id),
      pack('products-newest', 8_640_000_000_000_000, id),
      pack('products-newest', Date.now(), 'x'),
      pack('products-newest', Date.now()),
      pack(),
      long(1_001),
    ])
      refused(await catalog.get(`/v1/products?cursor=${cursor}`), 400)
    expect((await catalog.get(`/v1/products?cursor=${pack('products-newest', Date.now(), id)}`)).status).toBe(
      200,
    )
    for (const value of [1e308, 1.5, '1'])
      refused(await catalog.get(`/v1/products?sort=price&cursor=${pack('products-price', value, id)}`), 400)
    for (const cursor of ['x', pack('price-history', 'yesterday'), pack('price-history', 1.5)])
      refused(await catalog.get(`/v1/variants/${sku}/price-history?cursor=${cursor}`), 400)
  })

  it('a body that is not JSON, too large or of another content type', async () => {
    refused(await send('POST', '/v1/products', '{"name":'), 400)
    refused(await send('POST', '/v1/products', '[]'), 400)
    refused(await send('POST', '/v1/products', '"x"'), 400)
    refused(await send('POST', '/v1/products', '{"__proto__":{"x":1},"name":"x"}'), 400)
    refused(await send('POST', '/v1/products', { name: 'x', description: long(1_100_000) }), 413)
    refused(await send('POST', '/v1/products', '<name>x</name>', { 'content-type': 'application/xml' }), 415)
    refused(await send('POST', '/v1/products', { name: 'x' }, { 'idempotency-key': long(256) }), 400)
  })

  it('a path that names no product with 404', async () => {
    for (const path of ['no-such', anId(), 'No Such', "x' or 1=1", '%00', 'é', '..%2f..', long(300)])
      refused(await catalog.get(`/v1/products/${encodeURIComponent(path)}`), 404)
    expect((await catalog.send('DELETE', '/v1/products', { as: 'staff' })).status).toBe(405)
  })
})

describe('catalogue permissions', () => {
  const writes = (): ['POST' | 'PATCH' | 'PUT' | 'DELETE' | 'GET', string][] => [
    ['POST', '/v1/categories'],
    ['PATCH', `/v1/categories/${anId()}`],
    ['DELETE', `/v1/categories/${anId()}`],
    ['GET', `/v1/categories/${anId()}/attributes`],
    ['PUT', `/v1/categories/${anId()}/attributes`],
    ['POST', '/v1/products'],
    ['PATCH', `/v1/products/${id}`],
    ['DELETE', `/v1/products/${id}`],
    ['POST', `/v1/products/${id}/publish`],
    ['POST', `/v1/products/${id}/archive`],
    ['POST', `/v1/products/${id}/variants`],
    ['PATCH', `/v1/variants/${sku}`],
    ['DELETE', `/v1/variants/${sku}`],
    ['PUT', `/v1/variants/${sku}/price`],
    ['GET', `/v1/variants/${sku}/scheduled-prices`],
    ['DELETE', `/v1/variants/${sku}/scheduled-prices/${anId()}`],
    ['DELETE', `/v1/variants/${sku}/prices/GBP`],
    ['POST', '/v1/products/import'],
    ['GET', '/v1/products/export'],
  ]

  it('require catalog:write for every endpoint that writes or exports', async () => {
    for (const [method, url] of writes()) {
      refused(await catalog.send(method, url), 401)
      refused(await catalog.send(method, url, { as: 'customer' }), 403)
      refused(await catalog.send(method, url, { headers: { authorization: 'Bearer a.b.c' } }), 401)
    }
    expect((await catalog.get(`/v1/products/${id}`)).status).toBe(200)
  })

  it('require the internal token for endpoints of other services', async () => {
    const body = { skus: ['A'] }
    refused(await catalog.send('POST', '/internal/variants', { body }), 403)
    refused(await catalog.send('POST', '/internal/variants', { body, as: 'staff' }), 403)
    const many = {
      body: { skus: Array(1_001).fill('A') },
      headers: { 'x-internal-token': catalog.internalToken },
    }
    refused(await catalog.send('POST', '/internal/variants', many), 400, 'skus')
  })
})

import { PriceChanged, ProductChanged } from '@storewright/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gbp, startCatalog, type Catalog } from './harness.ts'

let catalog: Catalog
beforeAll(async () => {
  catalog = await startCatalog()
})
afterAll(() => catalog.stop())

describe('products', () => {
  it('are drafts until published, and gone from the public once archived', async () => {
    const sku = catalog.nextSku()
    const made = await catalog.send('POST', '/v1/products', {
      as: 'staff',
      body: {
        name: ' Mug ',
        description: 'Holds tea.',
        attributes: { colour: 'blue' },
        media: [{ url: 'https://example.com/mug.jpg' }],
        variants: [
          { sku: sku.toLowerCase(), name: 'Mug, blue', price: gbp(1299), attributes: { size: 'L' } },
        ],
      },
    })
    expect(made.status, made.text).toBe(201)
    expect(made.headers).toMatchObject({ location: `/v1/products/${made.body['id']}`, etag: '"1"' })
    expect(made.body).toMatchObject({
      name: 'Mug',
      slug: 'mug',
      status: 'draft',
      version: 1,
      description: 'Holds tea.',
      attributes: { colour: 'blue' },
      media: [{ url: 'https://example.com/mug.jpg', alt: '' }],
      price: gbp(1299),
      stockStatus: 'out_of_stock',
      publishedAt: null,
      variants: [
        { sku, name: 'Mug, blue', price: gbp(1299), lowestPrice30Days: gbp(1299), attributes: { size: 'L' } },
      ],
    })
    const { id } = made.body
    expect((await catalog.get(`/v1/products/${id}`)).status).toBe(404)
    expect((await catalog.get(`/v1/products/${id}`, 'customer')).status).toBe(404)
    expect((await catalog.get(`/v1/products/mug`, 'staff')).body).toEqual(made.body)

    const published = await catalog.send('POST', `/v1/products/${id}/publish`, { as: 'staff' })
    expect(published.body).toMatchObject({ status: 'published', version: 2 })
    expect((await catalog.get('/v1/products/mug')).body).toEqual(published.body)
    expect((await catalog.get('/v1/products')).body['items'][0]).toMatchObject({ id, price: gbp(1299) })

    await catalog.send('POST', `/v1/products/${id}/archive`, { as: 'staff' })
    expect((await catalog.get('/v1/products/mug')).status).toBe(404)
    expect((await catalog.get('/v1/products')).body['items']).toEqual([])
  })
})

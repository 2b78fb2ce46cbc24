import { ProductChanged } from '@storewright/contracts'
import { beforeAll, describe, expect, it } from 'vitest'
import { rebuildListings, type RebuildProgress } from '../src/products/rebuild-listings.ts'
import { gbp, useCatalog, type Body } from './harness.ts'

const catalog = useCatalog()
let category: string
let products: Body[]
beforeAll(async () => {
  const made = await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name: 'Lamps' } })
  category = made.body.id
  products = []
  for (let index = 0; index < 7; index++)
    products.push(await catalog.makeProduct({ name: `Lamp ${index}`, categoryIds: [category] }))
})

const lamps = async () => (await catalog.get(`/v1/products?category=${category}&q=lamp&limit=100`)).body.items
const countIn = async () => (await catalog.get(`/v1/categories/${category}`)).body

describe('rebuilding listings', () => {
  it('renders outdated summaries, listings and search terms anew without a new version', async () => {
    const [before, counted] = [await lamps(), await countIn()]
    await catalog.db.updateTable('product_summaries').set({ summary: '{"old":true}' }).execute()
    await catalog.db.updateTable('listings').set({ name: '', price_minor: 1 }).execute()
    await catalog.db.deleteFrom('search_documents').execute()
    await catalog.db.deleteFrom('product_attributes').execute()
    await catalog.clearOutbox()
    expect(await rebuildListings(catalog.db)).toMatchObject({ products: 7, changed: 7 })
    expect(await lamps()).toEqual(before)
    expect((await catalog.get(`/v1/products?category=${category}&minPrice=1299`)).body.items).toHaveLength(7)
    expect(await countIn()).toEqual(counted)
    expect(await catalog.emitted(ProductChanged)).toEqual([])
    expect(await rebuildListings(catalog.db)).toMatchObject({ products: 7, changed: 0 })
  })

  it('keeps the popularity of products in lists', async () => {
    await catalog.db
      .updateTable('products')
      .set({ popularity: 50 })
      .where('id', '=', products[3]!.id)
      .execute()
    await rebuildListings(catalog.db)
    const { items } = (await catalog.get(`/v1/products?category=${category}&sort=popular&limit=1`)).body
    expect(items.map(({ id }) => id)).toEqual([products[3]!.id])
  })

  it('works in batches, reports each, and continues where it was interrupted', async () => {
    await catalog.db.updateTable('product_summaries').set({ summary: '{}' }).execute()
    const reports: RebuildProgress[] = []
    const stopAfter = (count: number) => (progress: RebuildProgress) => {
      reports.push(progress)
      if (reports.length === count) throw new Error('interrupted')
    }
    await expect(rebuildListings(catalog.db, { batchSize: 3, onProgress: stopAfter(1) })).rejects.toThrow()
    const [first] = reports
    expect(first).toMatchObject({ products: 3, changed: 3, after: products[2]!.id })
    const rest = await rebuildListings(catalog.db, { batchSize: 3, after: first!.after })
    expect(rest).toMatchObject({ products: 4, changed: 4 })
    expect(await lamps()).toHaveLength(7)
  })

  it('loses no change that replicas make meanwhile', async () => {
    const other = await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name: 'Other' } })
    await catalog.db.updateTable('product_summaries').set({ summary: '{}' }).execute()
    await Promise.all([
      rebuildListings(catalog.db, { batchSize: 2 }),
      ...products.map(({ variants: [{ sku }] }, index) => catalog.setPrice(sku, 2_000 + index)),
      ...products.map(({ id }, index) =>
        catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body: { name: `Lamp renamed ${index}` } }),
      ),
      catalog.send('PATCH', `/v1/categories/${category}`, { as: 'staff', body: { parentId: other.body.id } }),
    ])
    const { items } = (await catalog.get(`/v1/products?category=${other.body.id}&q=renamed&sort=price`)).body
    expect(items.map(({ price }) => price)).toEqual(products.map((_, index) => gbp(2_000 + index)))
    expect(await rebuildListings(catalog.db)).toMatchObject({ products: 7, changed: 0 })
  })
})

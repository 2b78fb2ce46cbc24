import { beforeAll, describe, expect, it } from 'vitest'
import { ProductInput } from '../src/schemas.ts'
import { gbp, useCatalog, type Body } from './harness.ts'

// A field of the product that is forgotten somewhere turns one of these red: who adds a column needs to look nowhere else.

const catalog = useCatalog()
let categories: string[]
beforeAll(async () => {
  const names = ['First', 'Second', 'Third']
  categories = await Promise.all(
    names.map(
      async (name) => (await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name } })).body.id,
    ),
  )
})

const fields = Object.keys(ProductInput.properties).filter((name) => name !== 'variants')

const NOT_IN_LISTS = ['description', 'seo', 'metadata']
/** In a CSV file the name is the variant's, and a product with one variant needs no slug to be found. */
const NOT_IN_CSV = ['name', 'slug']

/** A value for a field, a different one for each round. */
const valueOf = (field: string, round: number): unknown => {
  const values: Record<string, unknown> = {
    slug: `slug-${round}`,
    categoryIds: [categories[round % categories.length]],
    attributes: { version: `a${round}`, colour: 'blue' },
    options: [{ name: 'Size', values: ['M', `L${round}`] }],
    seo: { title: `Title ${round}` },
    metadata: { round, constructor: 'x', nested: [{ '': null }] },
    media: [{ url: `https://example.com/${round}.jpg`, alt: '' }],
  }
  if (field in values) return values[field]
  const schema = (ProductInput.properties as Record<string, { type?: string; enum?: string[] }>)[field]!
  if (schema.enum) return schema.enum[round % schema.enum.length]
  if (schema.type === 'string') return `${field} ${round}`
  if (schema.type === 'integer' || schema.type === 'number') return round + 1
  if (schema.type === 'boolean') return round % 2 === 0
  throw new Error(`state an example of the new field ${field} here`)
}
const allFields = (round: number): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field, valueOf(field, round)]))
const without = (values: Record<string, unknown>, left: string[]) =>
  Object.fromEntries(Object.entries(values).filter(([field]) => !left.includes(field)))

/** Another change of the product, after which nothing but its columns can be what is shown. */
const touch = async (sku: string) => {
  const name = `Touched ${Math.random()}`
  const answer = await catalog.send('PATCH', `/v1/variants/${sku}`, { as: 'staff', body: { name } })
  expect(answer.status, answer.text).toBe(200)
}
const read = async (id: string) => (await catalog.get(`/v1/products/${id}`)).body
const readListed = async (id: string) =>
  (await catalog.get('/v1/products?limit=100')).body.items.find((item) => item.id === id)

describe('every field of a product', () => {
  let product: Body
  let sku: string
  beforeAll(async () => {
    sku = catalog.nextSku()
    product = await catalog.makeProduct({
      ...allFields(0),
      variants: [{ sku, price: gbp(1299), options: { Size: 'M' } }],
    })
  })

  it('is returned as it was created, by its page and in lists, and is stored in a column', async () => {
    expect(product).toMatchObject(allFields(0))
    await touch(sku)
    expect(await read(product.id)).toMatchObject(allFields(0))
    expect(await readListed(product.id)).toMatchObject(without(allFields(0), NOT_IN_LISTS))
  })

  it('is returned as it was updated, also after the next change of the product', async () => {
    const answer = await catalog.send('PATCH', `/v1/products/${product.id}`, {
      as: 'staff',
      body: allFields(1),
    })
    expect(answer.body).toMatchObject(allFields(1))
    await touch(sku)
    expect(await read(product.id)).toMatchObject(allFields(1))
    expect(await readListed(product.id)).toMatchObject(without(allFields(1), NOT_IN_LISTS))
  })

  it('counts as a change when it alone differs, in a patch and in a line of an import', async () => {
    for (const field of fields) {
      const before = await read(product.id)
      const patched = { [field]: valueOf(field, 2) }
      await catalog.send('PATCH', `/v1/products/${product.id}`, { as: 'staff', body: patched })
      const after = await read(product.id)
      expect(after, field).toMatchObject({ ...patched, version: before.version + 1 })

      const line = { [field]: valueOf(field, 3), variants: [{ sku }] }
      expect((await catalog.importNdjson([line])).body, field).toMatchObject({ updated: 1, rejected: [] })
      expect(await read(product.id), field).toMatchObject({ [field]: valueOf(field, 3) })
      expect((await catalog.importNdjson([line])).body, field).toMatchObject({ unchanged: 1 })
    }
    await touch(sku)
    expect(await read(product.id)).toMatchObject(allFields(3))
  })

  it('returns to what an export held when that file is imported', async () => {
    const exported = await catalog.get('/v1/products/export', 'staff')
    await catalog.send('PATCH', `/v1/products/${product.id}`, { as: 'staff', body: allFields(4) })
    const { version } = await read(product.id)
    const restored = await catalog.importCsv(exported.text)
    expect(restored.body).toMatchObject({ updated: 1, rejected: [] })
    await touch(sku)
    expect(await read(product.id)).toMatchObject({
      ...without(allFields(3), NOT_IN_CSV),
      version: version + 2,
    })
  })
})

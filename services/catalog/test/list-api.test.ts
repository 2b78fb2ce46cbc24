import { compileSchema } from '@storewright/service-kit/http'
import { beforeAll, describe, expect, it } from 'vitest'
import { Product, ProductSummary } from '../src/schemas.ts'
import { gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

interface Item {
  id: string
  name: string
  price: { amount: number }
}

const list = async (query: string, as?: 'staff') =>
  (await catalog.get(`/v1/products?${query}`, as)).body as { items: Item[]; nextCursor: string | null }

/** Reads a list to its end, page by page. */
const walk = async (query: string, between: () => Promise<unknown> = () => Promise.resolve()) => {
  const items: Item[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: Item[]; nextCursor: string | null } = await list(
      `${query}&limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`,
    )
    items.push(...page.items)
    cursor = page.nextCursor
    if (cursor !== null) await between()
  }
  return items
}

describe('a list of products', () => {
  let category: string
  const amounts = [500, 100, 300, 300, 300, 900, 700, 300, 100, 200]

  beforeAll(async () => {
    const made = await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name: 'Listed' } })
    category = made.body.slug
    for (const [index, amount] of amounts.entries())
      await catalog.makeProduct({
        name: `${'ZaBbeé1'[index % 7]} listed ${index}`,
        categoryIds: [made.body.id],
        variants: [{ sku: catalog.nextSku(), price: gbp(amount) }],
      })
    await catalog.makeProduct({ name: 'Draft', categoryIds: [made.body.id] }, { publish: false })
  })

  it('visits every product exactly once in every order, equal keys included', async () => {
    const prices = async (sort: string) =>
      (await walk(`category=${category}&sort=${sort}`)).map(({ price }) => price.amount)
    const ascending = [...amounts].sort((a, b) => a - b)
    expect(await prices('price')).toEqual(ascending)
    expect(await prices('-price')).toEqual([...ascending].reverse())
    expect(await prices('newest')).toEqual([...amounts].reverse())
    expect((await prices('popular')).sort((a, b) => a - b)).toEqual(ascending)
    const names = (await walk(`category=${category}&sort=name`)).map(({ name }) => name[0])
    expect(names).toEqual([...names].sort((a, b) => a!.localeCompare(b!, 'en', { sensitivity: 'base' })))
  })

  it('visits each product once while others are added and deleted', async () => {
    for (const sort of ['newest', 'name', 'price', '-price', 'popular']) {
      const before = new Set((await walk(`category=${category}&sort=${sort}`)).map(({ id }) => id))
      const { body } = await catalog.get(`/v1/categories/${category}`)
      const seen = await walk(`category=${category}&sort=${sort}`, () =>
        catalog.makeProduct({ name: `Added ${sort}`, categoryIds: [body.id] }),
      )
      const ids = seen.map(({ id }) => id)
      expect(new Set(ids).size, sort).toBe(ids.length)
      for (const id of before) expect(ids, sort).toContain(id)
      for (const { id } of seen.filter(({ name }) => name.startsWith('Added')))
        await catalog.send('DELETE', `/v1/products/${id}`, { as: 'staff' })
    }
    const now = (await walk(`category=${category}`)).filter(({ name }) => name.startsWith('Added'))
    for (const { id } of now) await catalog.send('DELETE', `/v1/products/${id}`, { as: 'staff' })
  })

  it('is filtered by price, currency and stock', async () => {
    const found = async (query: string) => (await walk(`category=${category}&${query}`)).length
    expect(await found('minPrice=300')).toBe(7)
    expect(await found('maxPrice=300')).toBe(7)
    expect(await found('minPrice=300&maxPrice=300&sort=price')).toBe(4)
    expect(await found('minPrice=301&maxPrice=300')).toBe(0)
    expect(await found('currency=GBP')).toBe(10)
    expect(await found('currency=EUR')).toBe(0)
    expect(await found('inStock=true')).toBe(0)
    expect(await found('inStock=false')).toBe(10)
  })

  it('shows drafts and archived products to staff only', async () => {
    expect((await list('status=draft', 'staff')).items.map(({ name }) => name)).toEqual(['Draft'])
    expect((await list('status=archived', 'staff')).items).toEqual([])
    expect((await catalog.get('/v1/products?status=draft')).status).toBe(401)
    expect((await catalog.get('/v1/products?status=draft', 'customer')).status).toBe(403)
    expect((await catalog.get('/v1/products?status=published')).status).toBe(200)
  })

  it('leaves out descriptions and nothing else', async () => {
    const { items } = await list(`category=${category}&limit=1`)
    const whole = (await catalog.get(`/v1/products/${items[0]!.id}`)).body
    expect({ ...items[0], description: '', seo: {}, metadata: {} }).toEqual(whole)
    // Answers are stored text and pass no serializer: this is what keeps them to their schema.
    expect(compileSchema(ProductSummary, { coerce: false })(items[0])).not.toHaveProperty('error')
    expect(compileSchema(Product, { coerce: false })(whole)).not.toHaveProperty('error')
  })
})

describe('the product search', () => {
  const found = async (q: string, more = '') =>
    (await list(`q=${encodeURIComponent(q)}${more}`)).items.map(({ name }) => name).sort()

  beforeAll(async () => {
    await catalog.makeProduct({
      name: 'Crème brûlée torch',
      variants: [{ sku: 'TORCH/55-A', price: gbp(10) }],
    })
    await catalog.makeProduct({ name: 'Garden torch' })
    await catalog.makeProduct({ name: 'Torchwood box set' }, { publish: false })
  })

  it('finds words and SKUs by their beginning, whatever the case and accents', async () => {
    expect(await found('torch')).toEqual(['Crème brûlée torch', 'Garden torch'])
    expect(await found('CREME bru')).toEqual(['Crème brûlée torch'])
    expect(await found('torch/55-a')).toEqual(['Crème brûlée torch'])
    expect(await found('gard TORCH', '&sort=name')).toEqual(['Garden torch'])
    expect(await found('nosuch')).toEqual([])
    expect(await found('gard nosuch')).toEqual(['Garden torch'])
  })

  it('treats wildcards and punctuation as text', async () => {
    for (const q of ['%', '_____', "' or xyz=xyz --", '!!!', '\\']) expect(await found(q), q).toEqual([])
  })

  it('follows changes of names', async () => {
    const { id } = await catalog.makeProduct({ name: 'Lantern' })
    await catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body: { name: 'Lamp' } })
    expect(await found('lamp')).toEqual(['Lamp'])
    // The variant was named after the product, and still is.
    expect(await found('lantern')).toEqual([])
    await catalog.send('DELETE', `/v1/products/${id}`, { as: 'staff' })
    expect(await found('lamp')).toEqual([])
  })
})

it('marks what guests may see alike with what it is about, and nothing that staff see', async () => {
  const category = await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name: 'Marked' } })
  const { id, slug, variants } = await catalog.makeProduct({ categoryIds: [category.body.id] })
  const about: Record<string, string> = {
    [`/v1/products/${id}`]: id,
    [`/v1/products/${slug}?currency=EUR`]: id,
    [`/v1/variants/${variants[0].sku}/price-history`]: id,
    '/v1/products?q=thing&facets=price': 'products',
    '/v1/categories': 'categories',
    [`/v1/categories/${category.body.id}`]: 'categories',
    '/v1/shop': 'shop',
  }
  for (const [path, subjects] of Object.entries(about)) {
    for (const as of [undefined, 'customer'] as const)
      expect((await catalog.get(path, as)).headers['surrogate-key'], path).toBe(subjects)
    expect((await catalog.get(path, 'staff')).headers, path).not.toHaveProperty('surrogate-key')
  }
})

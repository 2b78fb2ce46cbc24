import { PriceChanged, ProductChanged } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { createPageReader } from '../src/products/load-products.ts'
import { gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const AT_ONCE = 20
const times = <T>(make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, index) => make(index)))
const tally = (answers: { status: number }[]) =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  )

it('creates one product when 20 requests use one slug at once', async () => {
  const answers = await times(() =>
    catalog.send('POST', '/v1/products', { as: 'staff', body: { name: 'Race', slug: 'one-slug' } }),
  )
  expect(tally(answers)).toEqual({ 201: 1, 409: AT_ONCE - 1 })
})

it('creates one product when 20 requests use one SKU at once', async () => {
  const variants = [{ sku: catalog.nextSku(), price: gbp(1) }]
  const answers = await times((index) =>
    catalog.send('POST', '/v1/products', { as: 'staff', body: { name: `Race ${index}`, variants } }),
  )
  expect(tally(answers)).toEqual({ 201: 1, 409: AT_ONCE - 1 })
})

it('creates 20 products of one name at once, each with its own slug', async () => {
  const answers = await times(() =>
    catalog.send('POST', '/v1/products', {
      as: 'staff',
      body: { name: 'Namesake', variants: [{ sku: catalog.nextSku(), price: gbp(1) }] },
    }),
  )
  expect(tally(answers)).toEqual({ 201: AT_ONCE })
  expect(new Set(answers.map(({ body }) => body.slug)).size).toBe(AT_ONCE)
})

it('creates one category when 20 requests use one name at once', async () => {
  const answers = await times(() =>
    catalog.send('POST', '/v1/categories', { as: 'staff', body: { name: 'Race' } }),
  )
  expect(tally(answers)).toEqual({ 201: 1, 409: AT_ONCE - 1 })
})

it('adds one variant when 20 requests use one SKU at once on two products', async () => {
  const [one, other] = [await catalog.makeProduct(), await catalog.makeProduct()]
  const sku = catalog.nextSku()
  const answers = await times((index) =>
    catalog.send('POST', `/v1/products/${(index % 2 ? one : other).id}/variants`, {
      as: 'staff',
      body: { sku, price: gbp(1) },
    }),
  )
  expect(tally(answers)).toEqual({ 201: 1, 409: AT_ONCE - 1 })
})

it('applies 20 concurrent prices one after the other and loses none', async () => {
  const { id, variants, version } = await catalog.makeProduct()
  const [{ sku }] = variants
  await catalog.clearOutbox()
  const answers = await times((index) => catalog.setPrice(sku, 2_000 + index))
  expect(tally(answers)).toEqual({ 200: AT_ONCE })

  const history = (await catalog.get(`/v1/variants/${sku}/price-history?limit=100`)).body.items
  expect(history).toHaveLength(AT_ONCE + 1)
  for (const [index, step] of history.entries())
    expect(step.previousPrice).toEqual(history[index + 1]?.price ?? null)
  expect((await catalog.get(`/v1/products/${id}`)).body).toMatchObject({
    price: history[0]?.price,
    version: version + AT_ONCE,
  })
  const changes = await catalog.emitted(PriceChanged)
  expect(changes.map(({ data }) => data.price)).toEqual(
    history
      .slice(0, -1)
      .map(({ price }) => price)
      .reverse(),
  )
  const states = await catalog.emitted(ProductChanged)
  expect(states.at(-1)?.data.variants[0]?.price).toEqual(history[0]?.price)
  const versions = [...changes, ...states]
    .map(({ aggregateVersion }) => aggregateVersion)
    .sort((a, b) => a - b)
  expect(versions).toEqual(versions.map((_, index) => versions[0]! + index))
})

it('accepts one of 20 concurrent edits of one version', async () => {
  const { id } = await catalog.makeProduct()
  const answers = await times((index) =>
    catalog.send('PATCH', `/v1/products/${id}`, {
      as: 'staff',
      headers: { 'if-match': '"2"' },
      body: { name: `ProductChange ${index}` },
    }),
  )
  expect(tally(answers)).toEqual({ 200: 1, 412: AT_ONCE - 1 })
})

it('lists a product under all ancestors of its category when both move at the same time', async () => {
  const addCategory = async (name: string, parentId: string | null = null) =>
    (await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name, parentId } })).body.id
  const [top, branch] = [await addCategory('Top'), await addCategory('Branch')]
  const products = await Promise.all(Array.from({ length: 6 }, () => catalog.makeProduct()))
  await Promise.all([
    catalog.send('PATCH', `/v1/categories/${branch}`, { as: 'staff', body: { parentId: top } }),
    ...products.map(({ id }) =>
      catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body: { categoryIds: [branch] } }),
    ),
  ])
  expect((await catalog.get(`/v1/products?category=${top}`)).body.items).toHaveLength(products.length)
})

describe('reads that come together', () => {
  it('each get their own product, in their own currency, or none', async () => {
    const made = await Promise.all(
      ['One', 'Two', 'Three'].map((name) =>
        catalog.makeProduct({
          name: `Read ${name}`,
          variants: [{ sku: catalog.nextSku(), prices: [gbp(100), { amount: 120, currency: 'EUR' }] }],
        }),
      ),
    )
    const paths = made.flatMap(({ id, slug }) => [id, slug, `${id}?currency=EUR`, `${slug}?currency=JPY`])
    const unknown = [crypto.randomUUID(), 'no-such-product']
    const answers = await Promise.all(
      [...paths, ...unknown, ...paths].map((path) => catalog.get(`/v1/products/${path}`)),
    )
    const shown = answers.map(({ status, body }) => (status === 200 ? [body.name, body.price] : status))
    const each = made.flatMap(({ name }) =>
      [gbp(100), gbp(100), { amount: 120, currency: 'EUR' }, null].map((price) => [name, price]),
    )
    expect(shown).toEqual([...each, 404, 404, ...each])
  })

  it('show what was committed before they were asked for, though an equal read is under way', async () => {
    const { id } = await catalog.makeProduct({ name: 'Before' })
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    // The first answer of the database comes late.
    let isFirst = true
    const readPage = createPageReader(
      catalog.db.withPlugin({
        transformQuery: ({ node }) => node,
        transformResult: async ({ result }) => {
          if (!isFirst) return result
          isFirst = false
          begin()
          await held
          return result
        },
      }),
    )
    const read = async () => {
      const page = await readPage({ by: 'id', key: id, currency: 'GBP' })
      return (JSON.parse(page?.summary ?? '{}') as { name?: string }).name
    }
    const first = read()
    await begun
    await catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body: { name: 'After' } })
    const second = read()
    release()
    expect(await Promise.all([first, second])).toEqual(['Before', 'After'])
  })
})

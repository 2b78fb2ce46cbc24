import { StockStatusChanged } from '@storewright/contracts'
import { anEvent } from '@storewright/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { gbp, useCatalog, type Answer } from './harness.ts'

const catalog = useCatalog()

interface Value {
  value: string
  label: string
  count: number
}
interface Page {
  items: { name: string; price: { amount: number; currency: string } | null }[]
  nextCursor: string | null
  total?: number | null
  facets?: { name: string; values: Value[]; min?: unknown; max?: unknown }[]
  facetsComplete?: boolean
}

const read = async (query: string, as?: 'staff') => {
  const answer = await catalog.get(`/v1/products?${query}`, as)
  expect(answer.status, answer.text).toBe(200)
  return answer.body as unknown as Page
}
const names = async (query: string) => (await read(`sort=name&${query}`)).items.map(({ name }) => name)
const refused = ({ status, body }: Answer, path: string) => {
  expect(status).toBe(400)
  expect(body.errors.map((error) => error.path)).toContain(path)
}

let kitchen: string
let kitchenId: string
let cups: string
beforeAll(async () => {
  const add = async (name: string, parentId: string | null = null) =>
    (await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name, parentId } })).body
  const parent = await add('Kitchen')
  kitchen = parent.slug
  kitchenId = parent.id
  const below = await add('Cups', parent.id)
  cups = below.slug
  const goods: [name: string, amount: number, categoryIds: string[], attributes: object, own?: object][] = [
    ['Beaker', 500, [below.id], { Colour: 'Blue', size: 'L' }],
    ['Bowl', 900, [parent.id], { colour: 'blue', size: 'M' }],
    ['Carafe', 1_500, [parent.id], { colour: 'grün', size: 'L' }],
    ['Cup', 300, [below.id], { size: 'S' }, { colour: 'GRÜN' }],
    ['Lamp', 4_000, [], { constructor: 'brass' }],
  ]
  for (const [name, amount, categoryIds, attributes, own = {}] of goods) {
    const sku = catalog.nextSku()
    await catalog.makeProduct({
      name,
      categoryIds,
      attributes,
      variants: [{ sku, price: gbp(amount), attributes: own }],
    })
    if (name === 'Bowl')
      await catalog.deliver(anEvent(StockStatusChanged, { sku, status: 'in_stock', available: 5 }))
  }
})

describe('a filter by attributes', () => {
  it('takes any of several values of one attribute, and all of several attributes', async () => {
    expect(await names('attr.colour=blue')).toEqual(['Beaker', 'Bowl'])
    expect(await names('attr.size=L&attr.size=S')).toEqual(['Beaker', 'Carafe', 'Cup'])
    expect(await names('attr.colour=blue&attr.size=L')).toEqual(['Beaker'])
    expect(await names('attr.colour=blue&attr.size=S')).toEqual([])
  })

  it('finds values of variants, whatever the case, accents and blanks of names and values', async () => {
    expect(await names('attr.COLOUR=grun')).toEqual(['Carafe', 'Cup'])
    expect(await names(`attr.${encodeURIComponent(' Cölour ')}=${encodeURIComponent(' GRÜN  ')}`)).toEqual([
      'Carafe',
      'Cup',
    ])
    // Names of one attribute, written differently, are one filter.
    expect(await names('attr.colour=blue&attr.Colour=red&attr.COLOUR=grün')).toEqual([
      'Beaker',
      'Bowl',
      'Carafe',
      'Cup',
    ])
  })

  it('finds nothing where no product has the attribute, also one that every object has', async () => {
    expect(await names('attr.toString=x')).toEqual([])
    expect(await names('attr.constructor=brass')).toEqual(['Lamp'])
  })

  it('follows a change of attributes and a deletion', async () => {
    const { id } = await catalog.makeProduct({ attributes: { mood: 'calm' } })
    expect(await names('attr.mood=calm')).toHaveLength(1)
    await catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body: { attributes: { mood: 'wild' } } })
    expect(await names('attr.mood=calm')).toEqual([])
    await catalog.send('DELETE', `/v1/products/${id}`, { as: 'staff' })
    expect(await names('attr.mood=wild')).toEqual([])
  })

  it('goes together with category, price and stock', async () => {
    expect(await names(`category=${kitchen}&attr.size=L&maxPrice=1000`)).toEqual(['Beaker'])
    expect(await names(`category=${cups}&attr.colour=grun&minPrice=300`)).toEqual(['Cup'])
    expect(await names('attr.colour=blue&inStock=true')).toEqual(['Bowl'])
  })
})

describe('facets', () => {
  const valuesOf = ({ facets = [] }: Page, name: string) =>
    Object.fromEntries(
      facets.find((facet) => facet.name === name)?.values.map((v) => [v.value, v.count]) ?? [],
    )

  it('count the matches of all filters, and each without its own', async () => {
    const page = await read(
      `category=${kitchen}&attr.colour=blue&limit=1&total=true&facets=attr.colour,attr.size,category,price,inStock`,
    )
    expect(page).toMatchObject({ total: 2, facetsComplete: true })
    expect(page.items).toHaveLength(1)
    expect(page.facets?.map(({ name }) => name)).toEqual([
      'attr.colour',
      'attr.size',
      'category',
      'price',
      'inStock',
    ])
    expect(Object.values(valuesOf(page, 'attr.colour'))).toEqual([2, 2])
    expect(valuesOf(page, 'attr.size')).toEqual({ L: 1, M: 1 })
    expect(page.facets?.[2]?.values).toEqual([{ value: cups, label: 'Cups', count: 1 }])
    expect(page.facets?.[3]).toMatchObject({ min: gbp(500), max: gbp(900) })
    expect(valuesOf(page, 'inStock')).toEqual({ true: 1, false: 1 })
  })

  it('of the whole shop have categories from kept counts, and the commonest attributes on request', async () => {
    const page = await read('facets=category,price,attributes&total=true')
    expect(page.total).toBe(5)
    expect(valuesOf(page, 'category')).toEqual({ [kitchen]: 4 })
    expect(page.facets?.find(({ name }) => name === 'price')).toMatchObject({
      min: gbp(300),
      max: gbp(4_000),
    })
    expect(page.facets?.map(({ name }) => name.toLowerCase())).toEqual(
      expect.arrayContaining(['attr.size', 'attr.colour', 'attr.constructor']),
    )
  })

  it('of a list without matches are empty and complete', async () => {
    expect(await read('attr.colour=none&facets=attr.size,price,inStock&total=true')).toMatchObject({
      items: [],
      total: 0,
      facetsComplete: true,
      facets: [
        { name: 'attr.size', values: [] },
        { name: 'price', values: [] },
        { name: 'inStock', values: [] },
      ],
    })
  })

  it('are not part of a page that does not ask for them', async () => {
    expect(Object.keys(await read('limit=1')).sort()).toEqual(['items', 'nextCursor'])
  })
})

describe('attributes that categories define', () => {
  let category: string
  beforeAll(async () => {
    const add = async (name: string, parentId: string | null, items: object[]) => {
      const made = await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name, parentId } })
      const url = `/v1/categories/${made.body.id}/attributes`
      expect((await catalog.send('PUT', url, { as: 'staff', body: { items } })).status).toBe(200)
      return made.body
    }
    const weight = { name: 'Weight', type: 'number', unit: 'g' }
    const hidden = { name: 'Lot', type: 'number', filterable: false }
    const parent = await add('Scales', null, [weight, hidden])
    category = parent.slug
    const sizes = { name: 'Fit', type: 'choice', values: ['S', 'M', 'L'] }
    const { id } = await add('Pans', parent.id, [sizes, { name: 'Batch', type: 'text', filterable: false }])
    for (const [name, own] of [
      ['Ten', { weight: 10, fit: 'L', batch: 'a' }],
      ['Fifteen', { weight: 15.5, fit: 'S' }],
      ['Twenty', { weight: 20, fit: 'S', lot: 7, finish: 'matt' }],
      ['Below', { weight: -2 }],
    ] as const)
      await catalog.makeProduct({ name, categoryIds: [id], attributes: own })
    await catalog.makeProduct({ name: 'Text', attributes: { weight: '15', span: '10..20' } })
  })

  it('are found by a range of numbers, open at one end or closed, and text never is', async () => {
    expect(await names('attr.weight=10..20')).toEqual(['Fifteen', 'Ten', 'Twenty'])
    expect(await names('attr.Weight=..10')).toEqual(['Below', 'Ten'])
    expect(await names('attr.weight=15.5..')).toEqual(['Fifteen', 'Twenty'])
    expect(await names('attr.weight=..-1&attr.weight=20')).toEqual(['Below', 'Twenty'])
    expect(await names('attr.weight=16..19')).toEqual([])
    expect(await names('attr.span=10..20')).toEqual(['Text'])
    refused(await catalog.get('/v1/products?attr.weight=20..10'), 'attr.weight.0')
  })

  it('have facets in the order of their definitions, with units, and none where they are no filters', async () => {
    const { facets = [] } = await read(`category=${category}&facets=attributes`)
    expect(facets.map(({ name }) => name).sort()).toEqual(['attr.finish', 'attr.fit', 'attr.weight'])
    const facet = (name: string) => facets.find((one) => one.name === name)
    expect(facet('attr.weight')).toMatchObject({ unit: 'g' })
    expect(facet('attr.weight')?.values.map(({ value }) => value)).toEqual(['-2', '10', '15.5', '20'])
    expect(facet('attr.fit')?.values.map(({ value, count }) => [value, count])).toEqual([
      ['S', 2],
      ['L', 1],
    ])
    // Of the whole shop too, and on request by its name.
    const shop = await read('facets=attributes,attr.lot&attr.weight=10..20')
    expect(shop.facets?.map(({ name }) => name)).not.toContain('attr.batch')
    expect(shop.facets?.find(({ name }) => name === 'attr.lot')?.values).toMatchObject([
      { value: '7', count: 1 },
    ])
  })
})

describe('a list refuses', () => {
  it('what it does not know, naming the parameter', async () => {
    const get = (query: string) => catalog.get(`/v1/products?${query}`)
    refused(await get('colour=blue'), 'colour')
    refused(await get('attr.=blue'), 'attr.')
    refused(await get('facets=colour'), 'facets')
    refused(await get('sort=best'), 'sort')
    refused(await get(`attr.a=${'x'.repeat(256)}`), 'attr.a.0')
    refused(await get([...'abcdef'].map((name) => `attr.${name}=1`).join('&')), 'attr')
    refused(await get(Array.from({ length: 21 }, (_, n) => `attr.a=${n}`).join('&')), 'attr.a')
    refused(await get('total=maybe'), 'total')
    refused(await get('currency=gbp'), 'currency')
  })

  it('a category that does not exist, and takes a former slug and one without products', async () => {
    for (const other of ['no-such', '0190d5a0-0000-7000-8000-000000000000', 'No%20Slug!'])
      expect((await catalog.get(`/v1/products?category=${other}`)).status, other).toBe(404)
    const renamed = { slug: `${kitchen}-renamed` }
    await catalog.send('PATCH', `/v1/categories/${kitchenId}`, { as: 'staff', body: renamed })
    expect((await read(`category=${kitchen}&total=true`)).total).toBe(4)
    const empty = await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name: 'Empty' } })
    expect(await read(`category=${empty.body.slug}&facets=category&total=true`)).toMatchObject({
      items: [],
      total: 0,
    })
  })
})

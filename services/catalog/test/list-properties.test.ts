import { createServer, type Server } from '@storewright/service-kit/http'
import { createLogger } from '@storewright/service-kit/run'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { productListRoutes } from '../src/product-list/routes.ts'
import { useCatalog } from './harness.ts'

// Sixty products, and any questions: whatever is combined, the pages together are what a plain loop over all finds.

const catalog = useCatalog()
/** Reads as the service does, and in steps so small that each search and list takes several. */
const servers: Server[] = []

const at = <Item>(items: readonly Item[], n: number) => items[n % items.length]!
const PATHS = ['Home', 'Home > Kitchen', 'Home > Kitchen > Cups', 'Home > Garden', 'Wear']
const COLOURS = ['blue', 'green', 'ivory', 'red']
const WORDS = ['cotton', 'cottonwool', 'shirt', 'striped', 'vase', 'mug']

const goods = Array.from({ length: 60 }, (_, n) => ({
  name: `${at(WORDS, n)} ${at(WORDS, n * 5 + (n >> 3))} p${String((n * 37) % 60).padStart(2, '0')}`,
  paths: [at(PATHS, n), ...(n % 7 === 0 ? [at(PATHS, n + 2)] : [])],
  attributes: {
    colour: at(COLOURS, n * n + (n >> 2)),
    size: at(['S', 'M', 'L'], n >> 1),
    weight: (n * 3) % 20,
  },
  prices: {
    GBP: n % 10 === 3 ? undefined : 100 + ((n * 71) % 13) * 100,
    EUR: n % 3 === 0 || n % 10 === 3 ? 150 + ((n * 29) % 7) * 100 : undefined,
  },
  inStock: n % 4 === 0,
}))
type Good = (typeof goods)[number]
/** By name: what orders go by that goods have not. */
const stored = new Map<string, { id: string; listedAt: number }>()
const slugOf = (path: string) => path.split(' > ').at(-1)!.toLowerCase()

beforeAll(async () => {
  await catalog.importNdjson(
    goods.map(({ name, paths, attributes, prices }, n) => ({
      name,
      slug: `product-${n}`,
      categories: paths,
      attributes,
      status: 'published',
      variants: [
        {
          sku: `P-${n}`,
          prices: Object.entries(prices).flatMap(([currency, amount]) =>
            amount ? { amount, currency } : [],
          ),
        },
      ],
    })),
  )
  for (const row of await catalog.db.selectFrom('products').select(['id', 'name', 'published_at']).execute())
    stored.set(row.name, { id: row.id, listedAt: row.published_at?.getTime() ?? 0 })
  const inStock = goods.filter((good) => good.inStock).map(({ name }) => stored.get(name)!.id)
  await catalog.db.updateTable('listings').set({ in_stock: 1 }).where('product_id', 'in', inStock).execute()
  const tiny = { simple: 5, checked: 5, firstWindow: 3, window: 6 }
  for (const searchLimits of [undefined, tiny]) {
    const server = createServer({ name: 'lists', logger: createLogger({ name: 'lists', level: 'silent' }) })
    const deps = { db: catalog.db, currency: 'GBP', listTimeoutMs: 60_000 }
    productListRoutes(server, { ...deps, searchLimits })
    servers.push(server)
  }
})
afterAll(async () => {
  for (const server of servers) await server.close()
})

const maybe = <Value>(values: Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined })
const query = fc.record({
  q: maybe(['cotton', 'cott', 'cotton shirt', 'mug v', 'shirt mug', 'striped', 'blue vase', 'nonesuch']),
  category: maybe(PATHS),
  currency: maybe(['EUR']),
  minPrice: maybe([300, 650]),
  maxPrice: maybe([600, 900]),
  inStock: maybe([true, false]),
  colours: fc.option(fc.subarray(COLOURS, { minLength: 1 }), { nil: undefined }),
  size: maybe(['S', 'L']),
  weight: maybe(['5..10', '..4', '12..']),
  sort: maybe(['relevance', 'newest', 'name', 'price', '-price', 'popular']),
  limit: fc.integer({ min: 8, max: 40 }),
})
type Query = typeof query extends fc.Arbitrary<infer Value> ? Value : never

const has = (good: Good, word: string) =>
  [...good.name.split(' '), ...Object.values(good.attributes)].some((own) =>
    String(own).toLowerCase().startsWith(word),
  )
const isIn = ({ paths }: Good, path: string) => paths.some((own) => `${own} > `.startsWith(`${path} > `))
const isBetween = (weight: number, [from = '', to = '']: string[]) =>
  weight >= Number(from || -Infinity) && weight <= Number(to || Infinity)
const priceOf = ({ prices }: Good, { currency = 'GBP' }: Query) => prices[currency as 'GBP' | 'EUR']

/** What a product must meet, by what each condition is about. */
const conditions = {
  price: (good: Good, query: Query) => {
    const price = priceOf(good, query)!
    return price >= (query.minPrice ?? 0) && price <= (query.maxPrice ?? Infinity)
  },
  stock: (good: Good, { inStock = good.inStock }: Query) => good.inStock === inStock,
  colour: ({ attributes }: Good, { colours = COLOURS }: Query) => colours.includes(attributes.colour),
  rest: (good: Good, { q = '', category, size = good.attributes.size, weight = '..' }: Query) =>
    q.split(' ').every((word) => has(good, word)) &&
    (category === undefined || isIn(good, category)) &&
    good.attributes.size === size &&
    isBetween(good.attributes.weight, weight.split('..')),
}
const matchesOf = (query: Query, but?: keyof typeof conditions) =>
  goods.filter(
    (good) =>
      priceOf(good, query) !== undefined &&
      Object.entries(conditions).every(([name, meets]) => name === but || meets(good, query)),
  )

const inOrder = (found: Good[], query: Query) => {
  const key = (good: Good) => {
    const { id, listedAt } = stored.get(good.name)!
    const price = priceOf(good, query)!
    const keys = {
      name: good.name,
      price,
      '-price': -price,
      newest: -listedAt,
      relevance: -listedAt,
      popular: 0,
    }
    return { key: keys[(query.sort ?? 'newest') as keyof typeof keys], id }
  }
  const sign = query.sort === 'name' || query.sort === 'price' ? 1 : -1
  return found.toSorted((a, b) => {
    const [one, other] = [key(a), key(b)]
    if (one.key !== other.key) return one.key < other.key ? -1 : 1
    return one.id < other.id ? -sign : sign
  })
}

const countBy = (found: Good[], valueOf: (good: Good) => string[]) => {
  const counts: Record<string, number> = {}
  for (const value of found.flatMap(valueOf)) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

const facetsOf = (query: Query) => {
  const depth = query.category?.split(' > ').length ?? 0
  const below = PATHS.filter((path) => path.split(' > ').length === depth + 1)
  const prices = matchesOf(query, 'price').map((good) => priceOf(good, query)!)
  return {
    colour: countBy(matchesOf(query, 'colour'), ({ attributes }) => [attributes.colour]),
    inStock: countBy(matchesOf(query, 'stock'), ({ inStock }) => [String(inStock)]),
    category: countBy(matchesOf(query), (good) =>
      below
        .filter((path) => isIn(good, path) && (depth === 0 || path.startsWith(`${query.category} > `)))
        .map(slugOf),
    ),
    prices: prices.length === 0 ? null : [Math.min(...prices), Math.max(...prices)],
  }
}

interface Page {
  items: { name: string }[]
  nextCursor: string | null
  total?: number
  facets: {
    name: string
    values: { value: string; count: number }[]
    min?: { amount: number }
    max?: { amount: number }
  }[]
}

const toUrl = ({ colours = [], size, weight, category, ...rest }: Query) => {
  const given = Object.entries({
    ...rest,
    'attr.Size': size,
    'attr.weight': weight,
    category: category && slugOf(category),
  })
  const url = new URLSearchParams(colours.map((colour): [string, string] => ['attr.colour', colour]))
  for (const [name, value] of given) if (value !== undefined) url.set(name, String(value))
  return url
}

const read = async (server: Server, url: URLSearchParams) => {
  const { statusCode, body } = await server.inject(`/v1/products?${url.toString()}`)
  expect(statusCode, body).toBe(200)
  return JSON.parse(body) as Page
}

const walk = async (server: Server, query: Query) => {
  const names: string[] = []
  const url = toUrl(query)
  for (let cursor: string | null = ''; cursor !== null;) {
    if (cursor) url.set('cursor', cursor)
    const page: Page = await read(server, url)
    names.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor
  }
  return names
}

it('any combination of filters, search, order and currency is each match once, in order, with true counts', async () => {
  const check = async (query: Query) => {
    const expected = inOrder(matchesOf(query), query).map(({ name }) => name)
    const byRelevance = query.q !== undefined && (query.sort ?? 'relevance') === 'relevance'
    const [whole = [], inSteps = []] = [await walk(servers[0]!, query), await walk(servers[1]!, query)]
    if (byRelevance)
      expect([whole.toSorted(), inSteps.toSorted()]).toEqual([expected.toSorted(), expected.toSorted()])
    else expect([whole, inSteps]).toEqual([expected, expected])
    // Of one word the order is the same, in however many steps it is read.
    if (byRelevance && !query.q?.includes(' ')) expect(inSteps).toEqual(whole)

    const url = toUrl(query)
    url.set('total', 'true')
    url.set('facets', 'attr.colour,inStock,category,price')
    const { items, total, facets } = await read(servers[whole.length % 2]!, url)
    expect([items.length, total]).toEqual([Math.min(expected.length, query.limit), expected.length])
    const [colour, inStock, category, price] = facets
    const counts = (facet = facets[0]!) =>
      Object.fromEntries(facet.values.map(({ value, count }) => [value, count]))
    expect({
      colour: counts(colour),
      inStock: counts(inStock),
      category: counts(category),
      prices: price?.min && price.max ? [price.min.amount, price.max.amount] : null,
    }).toEqual(facetsOf(query))
  }
  await fc.assert(fc.asyncProperty(query, check), { numRuns: 60 })
})

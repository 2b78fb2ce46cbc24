import { connect, newId } from '@storewright/database'
import { createServer, type Server } from '@storewright/service-kit/http'
import { createLogger } from '@storewright/service-kit/run'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database, Db } from '../src/database.ts'
import { productListRoutes } from '../src/product-list/routes.ts'
import { useCatalog } from './harness.ts'

// A shop of 20,000 products, made by SQL: however large it is, whoever asks must not make the database read it.

const PRODUCTS = 20_000
/** Rows and entries of indexes, and what is read back from temporary tables: for each filter some thousand. */
const MAX_READS = 9_000

const catalog = useCatalog()
/** One connection, whose counters show what a request did. */
let db: Db
let server: Server

interface Page {
  items: { n: number }[]
  nextCursor: string | null
  total?: number | null
  facets?: { name: string; values: { value: string; count: number }[] }[]
  facetsComplete?: boolean
}

const fill = async () => {
  const rows = Array.from({ length: PRODUCTS }, (_, n) => ({ id: newId(), n }))
  for (let at = 0; at < PRODUCTS; at += 1_000) {
    const part = rows.slice(at, at + 1_000)
    await db
      .insertInto('listings')
      .values(
        part.map(({ id, n }) => ({
          product_id: id,
          scope: '',
          status: 'published' as const,
          listed_at: new Date(1_700_000_000_000 + n * 1_000),
          name: `Product ${n}`,
          price_minor: 1_000 + (n % 5_000),
          currency: 'GBP',
          in_stock: n % 400 === 0 ? 1 : 0,
          popularity: 0,
        })),
      )
      .execute()
    await db
      .insertInto('product_summaries')
      .values(
        part.map(({ id, n }) => ({ product_id: id, currency: 'GBP', revision: 1, summary: `{"n":${n}}` })),
      )
      .execute()
    const attribute = (product_id: string, name: string, value: string | number) => ({
      product_id,
      name_key: name,
      value_key: String(value),
      name,
      value: String(value),
      number: typeof value === 'number' ? value : null,
    })
    await db
      .insertInto('product_attributes')
      .values(
        part.flatMap(({ id, n }) => [
          attribute(id, 'half', n % 2 === 0 ? 'even' : 'odd'),
          attribute(id, 'other', n % 2 === 0 ? 'even' : 'odd'),
          attribute(id, 'tenth', n % 10),
          attribute(id, 'thousandth', n % 1_000),
        ]),
      )
      .execute()
  }
  await db
    .insertInto('category_counts')
    .values({ category_id: '', currency: 'GBP', shard: 0, products: PRODUCTS })
    .execute()
  // All are of cotton, the odd ones shirts, every tenth is striped: more than a search reads at once, and too rare a word.
  const every = { cotton: sql`true`, shirt: sql`price_minor % 2 = 1`, striped: sql`price_minor % 10 = 1` }
  const key = sql`unhex(replace(product_id, '-', ''))`
  for (const [word, has] of Object.entries(every)) {
    const among = sql`from listings where ${has}`
    await sql`insert into search_postings select ${word}, 144, ${key} ${among}`.execute(db)
    await sql`insert into search_words (word, documents) select ${word}, count(*) ${among}`.execute(db)
  }
  await sql`insert into search_documents select ${key}, concat(' cotton:144 ', if(${every.shirt}, 'shirt:144 ', ''),
    if(${every.striped}, 'striped:144 ', '')) from listings`.execute(db)
  await sql`analyze table listings, product_attributes, product_summaries, search_postings, search_documents`.execute(
    db,
  )
}

const counter = async (pattern: string) => {
  const { rows } = await sql<{ Value: string }>`show session status like ${sql.lit(pattern)}`.execute(db)
  return rows.reduce((sum, { Value }) => sum + Number(Value), 0)
}

/** A page, with how many rows the database read for it, in how many statements. */
const measure = async (query: string) => {
  const [reads, statements] = [await counter('Handler_read%'), await counter('Questions')]
  const { statusCode, body } = await server.inject(`/v1/products?${query}`)
  const after = await counter('Questions')
  expect(statusCode, body).toBe(200)
  return {
    page: JSON.parse(body) as Page,
    reads: (await counter('Handler_read%')) - reads,
    statements: after - statements - 1,
  }
}

beforeAll(async () => {
  const { config } = catalog.replicas[0]!
  db = connect<Database>(config.DATABASE_URL, { poolSize: 1 })
  await fill()
  server = createServer({ name: 'lists', logger: createLogger({ name: 'lists', level: 'silent' }) })
  productListRoutes(server, { db, currency: 'GBP', listTimeoutMs: 60_000 })
}, 120_000)
afterAll(async () => {
  await server.close()
  await db.destroy()
})

describe('a list of 20,000 products', () => {
  it.each([
    ['', 1],
    ['sort=price&minPrice=2000', 1],
    ['sort=-price&maxPrice=2000', 1],
    ['sort=name', 1],
    ['currency=EUR', 1],
    ['minPrice=999999999', 3],
    ['minPrice=999999999&sort=price', 1],
    ['minPrice=3000&maxPrice=3001&sort=popular', 3],
    ['inStock=true', 3],
    ['inStock=false', 1],
    ['attr.half=even', 1],
    ['attr.thousandth=7', 3],
    ['attr.thousandth=7&attr.thousandth=8&attr.half=odd&sort=name', 3],
    ['attr.nothing=such', 3],
    ['attr.thousandth=7..9&sort=name', 3],
    ['attr.thousandth=..9&attr.thousandth=990..&attr.half=odd', 3],
    ['attr.tenth=0..', 1],
    ['attr.half=even&inStock=false&minPrice=1000&total=true', 2],
    ['attr.half=even&attr.other=odd', 4],
    ['total=true&facets=category,price,inStock,attributes', 6],
    ['attr.thousandth=7&total=true&facets=attr.tenth,attr.half,price,inStock', 7],
    ['q=a%20zz', 1],
    ['q=cotton', 4],
    ['q=cotton%20shirt', 5],
    ['q=cotton&sort=price', 2],
    ['q=cotton%20shirt&attr.thousandth=7&sort=name', 4],
    ['q=cotton%20shirt&attr.thousandth=7', 4],
    ['q=cotton&attr.half=even&attr.other=odd', 14],
  ])('answers ?%s from some thousand rows, in %i statements', async (query, expected) => {
    const { reads, statements } = await measure(query)
    const filters = [...new URLSearchParams(query).keys()].length
    expect(reads).toBeLessThan(MAX_READS * Math.max(1, filters))
    expect(statements).toBe(expected)
  })

  it('reads no more for a page far down, where all sort keys are equal', async () => {
    for (const sort of ['popular', 'newest', '-price', 'name']) {
      let cursor = ''
      for (let turn = 0; turn < 60; turn += 1) {
        const { page, reads } = await measure(`limit=100&sort=${sort}${cursor}`)
        expect(page.items, sort).toHaveLength(100)
        expect(reads, `${sort}, page ${turn}`).toBeLessThan(700)
        cursor = `&cursor=${page.nextCursor}`
      }
    }
  })

  it('goes on behind what it looked at where filters that many pass leave nothing', async () => {
    const found: number[] = []
    let pages = 0
    for (let cursor: string | null = ''; cursor !== null; pages += 1) {
      const { page, reads }: { page: Page; reads: number } = await measure(
        `attr.half=even&attr.other=odd&limit=100${cursor && `&cursor=${cursor}`}`,
      )
      expect(reads).toBeLessThan(MAX_READS * 3)
      found.push(...page.items.map(({ n }) => n))
      cursor = page.nextCursor
    }
    expect(found).toEqual([])
    expect(pages).toBeLessThan(25)
  })

  it('visits each match once in the order, in windows and from a filter’s own set', async () => {
    for (const [query, expected] of [
      ['attr.half=even&attr.tenth=4&limit=100', 2_000],
      ['inStock=true&limit=7', 50],
      ['attr.thousandth=13&sort=price&limit=3', 20],
      ['q=cotton%20shirt&attr.tenth=3&limit=100', 2_000],
      ['q=cotton&attr.tenth=4&limit=100', 2_000],
      ['q=striped&sort=-price&limit=100', 2_000],
    ] as const) {
      const found: number[] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const { page }: { page: Page } = await measure(`${query}${cursor && `&cursor=${cursor}`}`)
        found.push(...page.items.map(({ n }) => n))
        cursor = page.nextCursor
      }
      expect(found, query).toHaveLength(expected)
      expect(new Set(found).size, query).toBe(expected)
    }
  })

  it('counts exactly up to 5,000 matches, and reports where it does not', async () => {
    const { page: exact } = await measure('attr.tenth=4&total=true&facets=attr.half,attr.tenth,inStock')
    expect(exact).toMatchObject({ total: 2_000, facetsComplete: false })
    expect(exact.facets).toEqual([
      { name: 'attr.half', values: [{ value: 'even', label: 'even', count: 2_000 }] },
      { name: 'inStock', values: [{ value: 'false', label: 'false', count: 2_000 }] },
    ])
    expect((await measure('attr.half=even&total=true')).page.total).toBeNull()
    expect((await measure('attr.half=even&attr.thousandth=100..299&total=true')).page.total).toBe(2_000)
    // Stock and price are one range of an index: each has more than 5,000.
    expect(
      (await measure('inStock=false&minPrice=1000&maxPrice=2252&attr.half=even&total=true')).page.total,
    ).toBe(2_494)
    expect((await measure('inStock=false&minPrice=1000&maxPrice=2260&total=true')).page.total).toBeNull()
    // Of a search that is too frequent to be read what a filter reaches is looked at.
    expect((await measure('q=cotton%20shirt&attr.thousandth=7&total=true')).page.total).toBe(20)
    expect((await measure('q=striped&total=true')).page.total).toBe(2_000)
    expect((await measure('q=cotton%20shirt&total=true')).page.total).toBeNull()
    // What is kept with every change is exact at any size.
    expect((await measure('total=true')).page.total).toBe(PRODUCTS)
    const { page } = await measure('attr.half=even&facets=attr.tenth')
    expect(page).toMatchObject({ facets: [], facetsComplete: false })
  })
})

describe('the last defence', () => {
  it('ends a statement that takes too long with 503 and a time to come back', async () => {
    const slow = createServer({ name: 'slow', logger: createLogger({ name: 'slow', level: 'silent' }) })
    productListRoutes(slow, { db, currency: 'GBP', listTimeoutMs: 1 })
    const answers = []
    for (let turn = 0; turn < 50; turn += 1)
      answers.push(await slow.inject('/v1/products?attr.half=even&attr.other=odd&attr.tenth=1'))
    const stopped = answers.find(({ statusCode }) => statusCode !== 200)
    expect(stopped?.statusCode).toBe(503)
    expect(stopped?.headers['retry-after']).toBeDefined()
    await slow.close()
  })
})

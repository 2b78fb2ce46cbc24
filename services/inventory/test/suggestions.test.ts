import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { ProductChanged } from '@storewright/contracts'
import { inTransaction, insertRows, newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { settingsFrom } from '../src/config.ts'
import { computeSuggestions, computeWhenDue } from '../src/suggestions/compute-suggestions.ts'
import { listByValue } from '../src/suggestions/queries.ts'
import { setUpInventory } from './harness.ts'
import { writePast, type PastSale } from './ledger.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory({ locations: ['annex'] })

const DAY_MS = 86_400_000
const settings = () => settingsFrom(inventory.config, inventory.clock)
const compute = (now = inventory.clock()) => computeSuggestions(inventory.db, settings(), now)

const list = async (query: string) => {
  const url = `/v1/inventory/suggestions?${query}`
  const { status, body } = await inventory.send('GET', url, { as: 'reader' })
  expect(status, JSON.stringify(body)).toBe(200)
  return body as { items: Record<string, unknown>[]; nextCursor: string | null }
}
const suggestionOf = async (sku: string, more = '') => (await list(`sku=${sku}${more}`)).items[0]

const priced = (sku: string, version: number, amount: number) =>
  anEvent(
    ProductChanged,
    {
      productId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a70',
      slug: 'mug',
      name: 'Mug',
      status: 'published',
      categoryIds: [],
      variants: [{ sku, name: 'Mug', price: { amount, currency: 'GBP' } }],
    },
    { aggregateVersion: version },
  )

describe('suggestions', () => {
  it('count shipped orders as demand, at each location and at all together', async () => {
    const sku = await inventory.stocked(6)
    await inventory.setStock({ [sku]: 4 }, 'annex')
    const order = anOrder({ [sku]: 2 })
    await inventory.deliverInTurn(order.placed(), order.confirmed(), order.shipped())
    await inventory.deliver(anOrder({ [sku]: 1 }).placed())
    inventory.pass(1_000)
    await compute()

    const sold = { unitsSold: 2, windowDays: 1, velocityPerDay: 2 }
    expect(await suggestionOf(sku)).toMatchObject({ ...sold, location: null, available: 7, daysOfCover: 3.5 })
    expect(await suggestionOf(sku, '&location=main')).toMatchObject({
      ...sold,
      location: 'main',
      available: 3,
    })
    expect(await suggestionOf(sku, '&location=annex')).toMatchObject({
      unitsSold: 0,
      available: 4,
      daysOfCover: null,
      reorderPoint: 0,
    })
  })

  it('leave out what was sold before the window, and state dead stock with its reason', async () => {
    const now = inventory.clock()
    const ago = (days: number) => new Date(now.getTime() - days * DAY_MS)
    await writePast(inventory.db, {
      began: ago(400),
      sales: [
        { sku: 'OLD', units: 50, at: ago(90) },
        { sku: 'DEAD', units: 9, at: ago(91) },
        { sku: 'OLD', units: 9, at: ago(89.9) },
      ],
      left: { OLD: 30, DEAD: 3 },
    })
    await compute(now)
    expect(await suggestionOf('OLD')).toMatchObject({ unitsSold: 9, windowDays: 90, slow: true, dead: false })
    const dead = await suggestionOf('DEAD')
    expect(dead).toMatchObject({ unitsSold: 0, slow: true, dead: true, reorderQuantity: 0 })
    expect(dead?.['reason']).toContain('Dead stock: 3 on hand, none sold in 90 days.')

    await writePast(inventory.db, { began: ago(40), sales: [], left: { UNSOLD: 4 } })
    await compute(now)
    const unsold = await suggestionOf('UNSOLD')
    expect(unsold).toMatchObject({ windowDays: 40, slow: true, dead: false })
    expect(unsold?.['reason']).toContain('Slow stock: 4 on hand, none sold in 40 days.')
  })

  it('use the newest list price, in whatever order its events come, and twice', async () => {
    const sku = await inventory.stocked(100)
    const order = anOrder({ [sku]: 4 })
    await inventory.deliverInTurn(order.placed(), order.confirmed(), order.shipped())
    const newest = priced(sku, 3, 1_000)
    await inventory.deliverInTurn(newest, priced(sku, 2, 5), newest)
    inventory.pass(1_000)
    await compute()
    // √(2 × 4 × 365 × 500 / (0.25 × 1000))
    expect(await suggestionOf(sku)).toMatchObject({ economicOrderQuantity: 76 })
  })

  it('take the lead time of the rule, else of its supplier, and set what a computed rule reorders', async () => {
    const { body: supplier } = await inventory.send('POST', '/v1/suppliers', {
      as: 'staff',
      body: { name: 'Potters', leadTimeDays: 21 },
    })
    const ruled = async (more: object) => {
      const sku = await inventory.stocked(20)
      const body = { policy: 'computed', automatic: true, supplier: supplier['id'], ...more }
      const url = `/v1/stock/${sku}/reorder-rule`
      expect((await inventory.send('PUT', url, { as: 'staff', body })).status).toBeLessThan(300)
      return { sku, rule: async () => (await inventory.send('GET', url, { as: 'staff' })).body }
    }
    const [own, suppliers, idle, fixed] = [
      await ruled({ leadTimeDays: 30 }),
      await ruled({}),
      await ruled({}),
      await ruled({ policy: 'fixed', reorderPoint: 3, reorderQuantity: 4 }),
    ]
    const order = anOrder({ [own.sku]: 1, [suppliers.sku]: 1, [fixed.sku]: 1 })
    await inventory.deliverInTurn(order.placed(), order.confirmed(), order.shipped())
    inventory.pass(1_000)
    await compute()

    // One was sold in a day: 1 × L + 1.645 × 1 × √L, which is more than a lead time's demand.
    for (const [{ sku, rule }, leadTimeDays, reorderPoint] of [
      [own, 30, 40],
      [suppliers, 21, 29],
    ] as const) {
      const reorder = { reorderPoint, reorderQuantity: reorderPoint + 1 }
      for (const place of ['', '&location=main'])
        expect(await suggestionOf(sku, place)).toMatchObject({ leadTimeDays, ...reorder })
      expect(await rule()).toMatchObject(reorder)
    }
    expect(await idle.rule()).toMatchObject({ reorderPoint: null, reorderQuantity: null })
    expect(await fixed.rule()).toMatchObject({ reorderPoint: 3, reorderQuantity: 4 })
  })

  it('are classed in pages that read each of 2,000 equal values once', async () => {
    const one = await inventory.db.selectFrom('suggestions').selectAll().executeTakeFirstOrThrow()
    const ties = Array.from({ length: 2_000 }, (_, index) => ({
      ...one,
      ...{ sku: `TIE-${index}`, location_id: 0, yearly_value: 0 },
    }))
    await insertRows(inventory.db, 'suggestions', ties)
    await sql`analyze table suggestions`.execute(inventory.db)
    const { seen, reads } = await inTransaction(inventory.db, async (trx) => {
      const countReads = async () => {
        const { rows } = await sql<{ Value: string }>`show session status like 'Handler_read%'`.execute(trx)
        return rows.reduce((sum, { Value }) => sum + Number(Value), 0)
      }
      const before = await countReads()
      let seen = 0
      let page: Awaited<ReturnType<typeof listByValue>> = []
      do {
        page = await listByValue(trx, page.at(-1), 100)
        seen += page.length
      } while (page.length > 0)
      return { seen, reads: (await countReads()) - before }
    })
    expect(seen).toBeGreaterThanOrEqual(ties.length)
    expect(reads).toBeLessThan(seen * 2)
  })

  it('are computed by one replica, and not again before they are due', async () => {
    await inventory.db.deleteFrom('suggestions').execute()
    await inventory.stocked(1)
    const runs = await Promise.all([1, 2, 3].map(() => computeWhenDue(inventory.db, settings())))
    expect(runs.filter((ran) => ran)).toHaveLength(1)
    expect(await computeWhenDue(inventory.db, settings())).toBe(false)
  })

  it('are for staff, and refuse what is no filter', async () => {
    const read = (query: string, as?: 'customer' | 'reader') =>
      inventory.send('GET', `/v1/inventory/suggestions${query}`, as ? { as } : {})
    expect([(await read('')).status, (await read('', 'customer')).status]).toEqual([401, 403])
    for (const [query, path] of [
      ['?abc=D', 'abc'],
      ['?slow=perhaps', 'slow'],
      ['?cursor=abc', 'cursor'],
      ['?sort=abc', 'sort'],
    ]) {
      expect(await read(query ?? '', 'reader'), query).toMatchObject({
        status: 400,
        body: { errors: [{ path }] },
      })
    }
    expect(await read('?location=nowhere', 'reader')).toMatchObject({
      status: 422,
      body: { type: expect.stringContaining('unknown-location'), errors: [{ path: 'location' }] },
    })
  })
})

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Sales of a real shop where its file lies beside the project, else of the project's own small one. */
const readSales = () => {
  const real = here('../../../../shared/data/online-retail.csv.gz')
  const file = existsSync(real) ? real : here('../../../tests-e2e/fixtures/messy-retail.csv')
  const bytes = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const sales: PastSale[] = []
  for (const line of text.split('\n')) {
    const match = /^"\d{6}","(\d{5}[A-Z]?)",.*,(\d+),(\d{4}-[\d-]+ [\d:]+),([\d.]+),/.exec(line)
    if (match) sales.push({ sku: match[1]!, units: Number(match[2]), at: new Date(`${match[3]}Z`) })
  }
  const skus = [...new Set(sales.map(({ sku }) => sku))].filter((_, index) => index % 20 === 0)
  return sales.filter(({ sku, units }) => skus.includes(sku) && units > 0)
}

describe('suggestions from the sales of a shop', () => {
  const sales = readSales()
  const times = sales.map(({ at }) => at.getTime())
  const began = new Date(times.reduce((least, time) => Math.min(least, time)) - 3_600_000)
  const now = new Date(times.reduce((most, time) => Math.max(most, time)) + 3_600_000)
  const bySku = Map.groupBy(sales, ({ sku }) => sku)
  const priceOf = (sku: string) => (Number(sku.slice(0, 5)) % 700) + 50

  /** A reading by the textbook, which shares nothing with the service: a list of days, one loop per question. */
  const plainly = [...bySku].map(([sku, sold]) => {
    const length = Math.min(90, Math.ceil((now.getTime() - began.getTime()) / DAY_MS))
    const days = Array.from({ length }, (_, day) => {
      const ofDay = sold.filter(({ at }) => Math.floor((now.getTime() - at.getTime()) / DAY_MS) === day)
      return ofDay.reduce((sum, { units }) => sum + units, 0)
    })
    const total = days.reduce((sum, units) => sum + units, 0)
    const mean = total / length
    const variance = days.reduce((sum, units) => sum + (units - mean) ** 2, 0) / (length - 1)
    const point = Math.ceil(mean * 7 + 1.6448536 * Math.sqrt(variance) * Math.sqrt(7))
    const economic = Math.round(Math.sqrt((2 * mean * 365 * 500) / (0.25 * priceOf(sku))))
    return { sku, total, mean, variance, point, economic, value: Math.round(mean * 365 * priceOf(sku)) }
  })

  beforeAll(async () => {
    await inventory.db.deleteFrom('suggestions').execute()
    await writePast(inventory.db, { began, sales })
    for (const table of ['stock', 'movements'] as const)
      await inventory.db
        .deleteFrom(table)
        .where('sku', 'not in', [...bySku.keys()])
        .execute()
    await inventory.db.deleteFrom('reservations').execute()
    await inventory.db.deleteFrom('reservation_lines').execute()
    await inventory.deliver(
      anEvent(ProductChanged, {
        productId: newId(),
        slug: 'all',
        name: 'All',
        status: 'published',
        categoryIds: [],
        variants: [...bySku.keys()].map((sku) => ({
          sku,
          name: sku,
          price: { amount: priceOf(sku), currency: 'GBP' },
        })),
      }),
    )
    await compute(now)
  })

  it('are those of a second, plain computation, for every SKU', async () => {
    const found = new Map<unknown, Record<string, unknown>>()
    for (let cursor = ''; ;) {
      const { items, nextCursor } = await list(`limit=100${cursor && `&cursor=${cursor}`}`)
      for (const item of items) found.set(item['sku'], item)
      if (nextCursor === null) break
      cursor = nextCursor
    }
    expect(found.size).toBe(plainly.length)
    for (const { sku, total, mean, variance, point, economic } of plainly) {
      expect(found.get(sku), sku).toMatchObject({
        unitsSold: total,
        velocityPerDay: expect.closeTo(mean, 3),
        deviationPerDay: expect.closeTo(Math.sqrt(variance), 3),
        reorderPoint: total === 0 ? 0 : point,
        economicOrderQuantity: economic,
        reorderQuantity: total === 0 ? 0 : Math.max(economic, point + 1),
      })
    }
  })

  it('are classed by value, and listed by class in pages', async () => {
    const sorted = plainly.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value)
    const all = sorted.reduce((sum, { value }) => sum + value, 0)
    let before = 0
    const inA = sorted.filter(({ value }) => (before += value) - value < 0.8 * all).map(({ sku }) => sku)
    const listed: unknown[] = []
    for (let cursor = ''; ;) {
      const { items, nextCursor } = await list(`abc=A&slow=false&limit=7${cursor && `&cursor=${cursor}`}`)
      listed.push(...items.map(({ sku }) => sku))
      if (nextCursor === null) break
      cursor = nextCursor
    }
    const slow = (await list('abc=A&slow=true&limit=100')).items.map(({ sku }) => sku)
    expect([...listed, ...slow].sort()).toEqual(inA.sort())
  })
})

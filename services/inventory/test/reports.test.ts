import { beforeAll, describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'
import { writePast } from './ledger.ts'

const inventory = setUpInventory({ locations: ['annex'] })

const DAY_MS = 86_400_000
const now = () => inventory.clock()
/** Noon of a day so many days ago. */
const noon = (daysAgo: number) => {
  const day = new Date(now().getTime() - daysAgo * DAY_MS).toISOString().slice(0, 10)
  return new Date(`${day}T12:00:00Z`)
}
const dayOf = (daysAgo: number) => noon(daysAgo).toISOString().slice(0, 10)

const read = (path: string, headers: Record<string, string> = {}) =>
  inventory.send('GET', `/v1/inventory/reports/${path}`, { as: 'reader', headers })
const itemsOf = async (path: string) => {
  const { status, body } = await read(path)
  expect(status, JSON.stringify(body)).toBe(200)
  return body['items'] as Record<string, unknown>[]
}

beforeAll(() =>
  writePast(inventory.db, {
    began: noon(20),
    sales: [
      { sku: 'MUG', units: 3, at: noon(10) },
      { sku: 'MUG', units: 2, at: noon(10) },
      { sku: 'MUG', units: 5, at: noon(5) },
      { sku: 'BOWL', units: 4, at: noon(5) },
    ],
    left: { MUG: 10 },
  }),
)

describe('the report of movements', () => {
  it('adds the ledger up by what it is asked for, in that order, within its range', async () => {
    const range = `from=${dayOf(10)}&to=${dayOf(4)}`
    const sold = (more: object, movements: number, unitsOut: number) => ({
      ...more,
      movements,
      unitsIn: 0,
      unitsOut,
      net: -unitsOut,
    })
    expect(await itemsOf(`movements?${range}`)).toEqual([
      sold({ day: dayOf(10) }, 2, 5),
      sold({ day: dayOf(5) }, 2, 9),
    ])
    expect(await itemsOf(`movements?${range}&groupBy=sku,day`)).toEqual([
      sold({ sku: 'BOWL', day: dayOf(5) }, 1, 4),
      sold({ sku: 'MUG', day: dayOf(10) }, 2, 5),
      sold({ sku: 'MUG', day: dayOf(5) }, 1, 5),
    ])
    expect(await itemsOf(`movements?${range}&groupBy=location,kind,reason&sku=mug`)).toEqual([
      sold({ location: 'main', kind: 'sale', reason: 'sale' }, 3, 10),
    ])
    expect(await itemsOf(`movements?${range}&location=annex`)).toEqual([])
    expect(await itemsOf('movements?groupBy=kind&sku=MUG')).toEqual([
      { kind: 'receipt', movements: 1, unitsIn: 20, unitsOut: 0, net: 20 },
      sold({ kind: 'sale' }, 3, 10),
    ])
  })

  it('keeps reasons apart that differ in case or accents only', async () => {
    const sku = await inventory.stocked(9)
    for (const reason of ['Broken', 'broken', 'bröken'])
      await inventory.adjust(sku, -1, undefined, { reason })
    const items = await itemsOf(`movements?groupBy=reason&sku=${sku}`)
    expect(items.map(({ reason }) => reason)).toEqual(['Broken', 'broken', 'bröken', 'count'])
  })

  it('is CSV where that is asked for, with formulas disarmed', async () => {
    const sku = await inventory.stocked(9)
    await inventory.adjust(sku, -2, undefined, { reason: '=HYPERLINK("x"), "y"' })
    const url = `movements?groupBy=reason,location&sku=${sku}`
    const csv =
      'reason,location,movements,unitsIn,unitsOut,net\n' +
      `"'=HYPERLINK(""x""), ""y""",main,1,0,2,-2\ncount,main,1,9,0,9\n`
    for (const answer of [await read(`${url}&format=csv`), await read(url, { accept: 'text/csv' })]) {
      expect(answer.text).toBe(csv)
      expect(answer.headers).toMatchObject({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="movements.csv"',
      })
    }
  })
})

describe('the report of turnover', () => {
  it('divides what was sold by the average on hand, weighted by time', async () => {
    // 20 until noon of the 10th day before, 15 until noon of the 5th, then 10.
    const range = `from=${noon(12).toISOString()}&to=${noon(2).toISOString()}&sku=MUG`
    const average = (2 * 20 + 5 * 15 + 3 * 10) / 10
    expect(await itemsOf(`turnover?${range}`)).toEqual([
      {
        sku: 'MUG',
        from: noon(12).toISOString(),
        to: noon(2).toISOString(),
        sold: 10,
        opening: 20,
        closing: 10,
        averageOnHand: average,
        turnover: Number((10 / average).toFixed(4)),
      },
    ])
  })

  it('takes a range of less than a second', async () => {
    const [from, to] = [noon(5), new Date(noon(5).getTime() + 4)].map((at) => at.toISOString())
    // The sale was in the range's first moment.
    expect(await itemsOf(`turnover?from=${from}&to=${to}&sku=MUG`)).toEqual([
      { sku: 'MUG', from, to, sold: 5, opening: 15, closing: 10, averageOnHand: 10, turnover: 0.5 },
    ])
  })

  it('has a row for each month, and none of what was neither there nor sold', async () => {
    const { text } = await read(`turnover?from=${dayOf(60)}&interval=month&sku=BOWL&format=csv`)
    const [header, ...rows] = text.trim().split('\n')
    expect(header).toBe('sku,from,to,sold,opening,closing,averageOnHand,turnover')
    expect(rows.map((row) => Number(row.split(',')[3])).reduce((sum, sold) => sum + sold, 0)).toBe(4)
    expect(rows.length).toBeLessThanOrEqual(2)
    expect(await itemsOf(`turnover?from=${dayOf(60)}&to=${dayOf(30)}`)).toEqual([])
  })

  it('states of each month what a report of that month alone states', async () => {
    const months = await itemsOf(`turnover?from=${dayOf(60)}&to=${dayOf(7)}&interval=month`)
    expect(months.length).toBeGreaterThan(0)
    for (const month of months) {
      const alone = ['sku', 'from', 'to'].map((name) => `${name}=${String(month[name])}`)
      expect(await itemsOf(`turnover?${alone.join('&')}`)).toEqual([month])
    }
  })
})

describe('reports', () => {
  it('refuse what is no range or group, and whoever may not read stock', async () => {
    for (const [query, status, path] of [
      ['movements?groupBy=colour', 400, 'groupBy'],
      ['movements?groupBy=day,', 400, 'groupBy'],
      ['movements?from=yesterday', 400, 'from'],
      ['movements?from=2026-02-31', 422, 'from'],
      [`movements?from=${dayOf(400)}`, 422, 'from'],
      [`turnover?from=${dayOf(1)}&to=${dayOf(2)}`, 422, 'from'],
      ['turnover?interval=week', 400, 'interval'],
      ['turnover?location=Nowhere%20', 400, 'location'],
      ['turnover?location=nowhere', 422, 'location'],
      ['movements?location=nowhere', 422, 'location'],
    ] as const)
      expect(await read(query), query).toMatchObject({ status, body: { errors: [{ path }] } })
    const url = '/v1/inventory/reports/movements'
    expect((await inventory.send('GET', url)).status).toBe(401)
    expect((await inventory.send('GET', url, { as: 'customer' })).status).toBe(403)
  })

  it('are three at a time', async () => {
    const begun = Array.from({ length: 8 }, () => read('movements'))
    const statuses = (await Promise.all(begun)).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 200, 200, 503, 503, 503, 503, 503])
    expect((await read('movements')).status).toBe(200)
  })
})

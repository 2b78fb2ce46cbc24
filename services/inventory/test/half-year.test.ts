import { describe, expect, it } from 'vitest'
import { drawStock } from './half-year/draw-stock.ts'
import { isWithinPoint, playPlainly } from './half-year/plain-rule.ts'
import { playDays } from './half-year/play-days.ts'
import { byDay } from './half-year/read-retail.ts'
import { setUpInventory } from './harness.ts'

const DAY_MS = 86_400_000
const BEGAN = Date.parse('2026-03-02T10:00:00Z')

/** Two SKUs: one sells 2 to 6 a day, of the other 40 are wanted at once every ninth day. */
const demandOf = (days: number, name: string) => {
  const orders = Array.from({ length: days }, (_, day) => ({
    at: new Date(BEGAN + day * DAY_MS),
    lines: [
      { sku: `${name}-STEADY`, quantity: 2 + ((day * 7) % 5) },
      ...(day % 9 === 4 ? [{ sku: `${name}-LUMPY`, quantity: 40 }] : []),
    ],
  }))
  const prices = new Map([`${name}-STEADY`, `${name}-LUMPY`].map((sku) => [sku, 900]))
  return { days: byDay(orders), prices }
}

const inventory = setUpInventory()

describe('days played through stock with computed reorder rules', () => {
  it('refuse no line that the suggested reorder point would have covered, and balance the ledger', async () => {
    const { history, ...report } = await playDays(demandOf(24, 'GAME'), {
      db: inventory.db,
      config: inventory.config,
      leadTimeDays: 3,
      packSize: 6,
      warmUpDays: 5,
    })
    expect(report).toMatchObject({
      plain: { refusedThoughCovered: 0, soldThoughShort: 0, ordered: report.unitsOrdered },
      breaches: [],
      orders: 24,
    })
    expect(report.purchaseOrders['received']).toBeGreaterThan(1)
    const steady = history.get('GAME-STEADY') ?? []
    expect(steady.filter(({ refused }) => refused > 0)).toEqual([])
    expect(drawStock('GAME-STEADY', steady)).toContain('order placed')
  })
})

describe('the plain computation of a rule', () => {
  const terms = { days: 10, leadTimeDays: 2, packSize: 6 }
  /** 10 on the first day; from the second on a rule that orders at 4 up to 9. */
  const courseOf = (...lines: [day: number, quantity: number, sold: boolean][]) => ({
    opening: { day: 0, units: 10 },
    lines: lines.map(([day, quantity, sold]) => ({ day, quantity, sold })),
    figures: [undefined, ...Array.from({ length: 9 }, () => ({ point: 4, quantity: 5 }))],
  })

  it('orders at the point, in packs, and has what it ordered after the lead time', () => {
    // 3 left on day 2: 6 are ordered and there on day 4; 2 left then, 7 and in packs 12 are ordered.
    const course = courseOf([1, 3, true], [2, 4, true], [3, 4, false], [4, 7, true], [5, 3, false])
    const found = { refusedThoughCovered: 0, soldThoughShort: 0, ordered: 18 }
    expect(playPlainly(course, terms)).toEqual(found)
  })

  it('finds a line that was refused though it had been covered, and one that was sold out of nothing', () => {
    const course = courseOf([1, 3, true], [2, 4, true], [4, 9, false], [5, 10, true])
    expect(playPlainly(course, terms)).toMatchObject({ refusedThoughCovered: 1, soldThoughShort: 1 })
    expect([2, 3].map((index) => isWithinPoint(course, index, 2))).toEqual([false, false])
    const small = courseOf([1, 3, true], [6, 4, false])
    expect(isWithinPoint(small, 1, 2)).toBe(true)
  })
})

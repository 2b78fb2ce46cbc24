import { describe, expect, it } from 'vitest'
import {
  createClassifier,
  demandOf,
  normalQuantile,
  suggest,
  type Policy,
  type Situation,
} from './formulas.ts'

const policy: Policy = {
  serviceLevel: 0.95,
  orderCost: 500,
  holdingRate: 0.25,
  windowDays: 90,
  slowCoverDays: 180,
}
const situation = (more: Partial<Situation> = {}): Situation => ({
  demand: { windowDays: 90, unitsSold: 360, perDay: 4, deviation: 2 },
  onHand: 40,
  available: 40,
  leadTimeDays: 9,
  unitPrice: 1_000,
  ...more,
})
const selling = (unitsSold: number, windowDays = 90) => ({ demand: demandOf([unitsSold], windowDays) })

describe('demand', () => {
  it('counts the days without a sale in rate and deviation', () => {
    // 3, 0, 0, 5, 0: mean 1.6; squares 1.96 + 11.56 + 3 × 2.56 = 21.2; 21.2 / 4 = 5.3
    expect(demandOf([3, 5], 5)).toEqual({
      windowDays: 5,
      unitsSold: 8,
      perDay: 1.6,
      deviation: expect.closeTo(Math.sqrt(5.3), 12),
    })
  })

  it('of a single day deviates by the root of its units, as Poisson’s does', () => {
    expect(demandOf([9], 1)).toEqual({ windowDays: 1, unitsSold: 9, perDay: 9, deviation: 3 })
  })

  it('without sales is nothing', () => {
    expect(demandOf([], 90)).toEqual({ windowDays: 90, unitsSold: 0, perDay: 0, deviation: 0 })
  })
})

it('finds the normal quantiles of the printed tables', () => {
  const table = [
    [0.5, 0],
    [0.8, 0.841621],
    [0.9, 1.281552],
    [0.95, 1.644854],
    [0.975, 1.959964],
    [0.99, 2.326348],
    [0.999, 3.090232],
  ] as const
  for (const [p, z] of table) expect(normalQuantile(p), `${p}`).toBeCloseTo(z, 6)
})

describe('a suggestion', () => {
  it('reorders when the lead time’s demand and the safety stock are left', () => {
    // 4 × 9 = 36; 1.644854 × 2 × 3 = 9.869; √(2 × 1460 × 500 / 250) = 76.4
    expect(suggest(situation(), policy)).toEqual({
      daysOfCover: 10,
      safetyStock: 10,
      reorderPoint: 46,
      economicQuantity: 76,
      reorderQuantity: 76,
      yearlyValue: 1_460_000,
      stockState: null,
    })
  })

  it('keeps no safety stock at a service level of a half, and rounds no whole number up', () => {
    const even = { demand: { windowDays: 90, unitsSold: 9, perDay: 0.1, deviation: 5 }, leadTimeDays: 30 }
    expect(suggest(situation(even), { ...policy, serviceLevel: 0.5 })).toMatchObject({
      safetyStock: 0,
      reorderPoint: 3,
    })
  })

  it('orders more than the reorder point where the economic quantity is less, or no price is known', () => {
    const dear = suggest(situation({ unitPrice: 100_000 }), policy)
    expect(dear).toMatchObject({ economicQuantity: 8, reorderQuantity: 47 })
    const unpriced = suggest(situation({ unitPrice: null }), policy)
    expect(unpriced).toMatchObject({ economicQuantity: null, reorderQuantity: 47, yearlyValue: 0 })
  })

  it('orders nothing of what does not sell', () => {
    expect(suggest(situation(selling(0)), policy)).toMatchObject({
      daysOfCover: null,
      reorderPoint: 0,
      reorderQuantity: 0,
    })
  })

  it('stays within a million units whatever was sold', () => {
    const flood = suggest(situation({ ...selling(2_000_000_000), unitPrice: 1 }), policy)
    expect([flood.reorderPoint, flood.economicQuantity]).toEqual([1_000_000, 1_000_000])
  })

  it.each([
    ['dead where nothing was sold in the whole window', selling(0), 'dead'],
    ['slow where nothing was sold in a shorter life', selling(0, 60), 'slow'],
    ['slow where it lasts longer than the limit', selling(19), 'slow'],
    ['neither where it lasts as long as the limit', selling(20), null],
    ['neither while it is young', selling(0, 29), null],
    ['neither where none is on hand', { ...selling(0), onHand: 0, available: 0 }, null],
  ] as const)('calls stock %s', (_, of, stockState) => {
    expect(suggest(situation(of), policy).stockState).toBe(stockState)
  })
})

it('classes SKUs by value: A to 80 %, B to 95 %, the rest and the worthless C', () => {
  const values = [500, 250, 100, 70, 50, 30, 0]
  const classOf = createClassifier(1_000)
  expect(values.map(classOf)).toEqual(['A', 'A', 'A', 'B', 'B', 'C', 'C'])
  expect([0, 0].map(createClassifier(0))).toEqual(['C', 'C'])
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyLevel } from '../stock/low-stock.ts'
import { Stock, sumPerSku, type StockLevel } from '../stock/stock.ts'
import { allocate } from './allocate.ts'

const level = (sku: string, onHand: number, locationId = 1, reserved = 0): StockLevel => ({
  ...emptyLevel(),
  ...{ sku, locationId, priority: locationId, onHand, reserved },
})
const order = (...lines: [sku: string, quantity: number][]) => ({
  lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
})
const outcomes = (orders: ReturnType<typeof order>[], levels: StockLevel[]) =>
  allocate(orders, new Stock(levels)).map(({ outcome }) => outcome)

it('gives the last units to those who came first', () => {
  const orders = [order(['MUG', 2]), order(['MUG', 2]), order(['MUG', 1])]
  expect(outcomes(orders, [level('MUG', 3)])).toEqual(['reserved', 'rejected', 'reserved'])
})

it('adds up the lines of one SKU', () => {
  expect(outcomes([order(['MUG', 2], ['MUG', 2])], [level('MUG', 3)])).toEqual(['rejected'])
})

it('names every shortage of an order and holds nothing for it', () => {
  const stock = new Stock([level('CUP', 1), level('MUG', 5, 1, 4), level('PAN', 9)])
  const wanted = order(['PAN', 1], ['MUG', 2], ['CUP', 2], ['UNKNOWN', 1])
  expect(allocate([wanted], stock)).toMatchObject([
    {
      shortages: [
        { sku: 'MUG', wanted: 2, available: 1 },
        { sku: 'CUP', wanted: 2, available: 1 },
        { sku: 'UNKNOWN', wanted: 1, available: 0 },
      ],
    },
  ])
  expect(stock.changedLevels()).toEqual([])
})

const allocationsOf = (wanted: ReturnType<typeof order>, levels: StockLevel[]) =>
  allocate([wanted], new Stock(structuredClone(levels))).flatMap((decision) =>
    decision.outcome === 'reserved'
      ? decision.allocations.map(({ sku, locationId, quantity }) => [sku, locationId, quantity])
      : [],
  )

it('takes from the locations in order of priority, of equal ones the lower id first', () => {
  const levels = [level('MUG', 2, 1), level('MUG', 5, 3), level('MUG', 5, 7)]
  expect(allocationsOf(order(['MUG', 8]), levels)).toEqual([
    ['MUG', 1, 2],
    ['MUG', 3, 5],
    ['MUG', 7, 1],
  ])
  const equal = levels.map((each) => ({ ...each, priority: each.locationId === 7 ? 0 : 1 }))
  expect(allocationsOf(order(['MUG', 8]), equal)).toEqual([
    ['MUG', 7, 5],
    ['MUG', 1, 2],
    ['MUG', 3, 1],
  ])
})

it('takes a whole order from the first location that has all of it', () => {
  const levels = [
    level('MUG', 9, 1),
    level('MUG', 2, 3),
    level('MUG', 9, 7),
    level('PAN', 1, 3),
    level('PAN', 1, 7),
  ]
  expect(allocationsOf(order(['MUG', 2], ['PAN', 1]), levels)).toEqual([
    ['MUG', 3, 2],
    ['PAN', 3, 1],
  ])
  expect(allocationsOf(order(['MUG', 3], ['PAN', 1]), levels)).toEqual([
    ['MUG', 7, 3],
    ['PAN', 7, 1],
  ])
})

it('rejects more of one SKU than an event line may contain, whatever is in stock', () => {
  const orders = [order(['MUG', 1_000_000], ['MUG', 1])]
  expect(outcomes(orders, [level('MUG', 5_000_000)])).toEqual(['rejected'])
})

describe('whatever is ordered', () => {
  const skus = ['A', 'B', 'C', 'D']
  const line = fc.record({
    sku: fc.constantFrom(...skus, 'UNKNOWN'),
    quantity: fc.integer({ min: 1, max: 6 }),
  })
  const orders = fc.array(fc.record({ lines: fc.array(line, { minLength: 1, maxLength: 5 }) }), {
    maxLength: 12,
  })
  const levels = fc
    .tuple(
      ...skus.flatMap((sku) =>
        [1, 2].map((id) => fc.tuple(fc.nat(12), fc.nat(12)).map((n) => ({ sku, id, n }))),
      ),
    )
    .map((cells) => cells.map(({ sku, id, n: [a, b] }) => level(sku, Math.max(a, b), id, Math.min(a, b))))

  it('never reserves more than is available, and reserves exactly the decided quantities', () => {
    fc.assert(
      fc.property(orders, levels, (placed, rows) => {
        const before = new Map(rows.map((row) => [`${row.sku}/${row.locationId}`, row.reserved]))
        const decisions = allocate(placed, new Stock(rows))
        const picked = decisions.flatMap((decision) =>
          decision.outcome === 'reserved' ? decision.allocations : [],
        )
        for (const row of rows) {
          const mine = picked.filter(
            (allocation) => allocation.sku === row.sku && allocation.locationId === row.locationId,
          )
          const held = mine.reduce((sum, { quantity }) => sum + quantity, 0)
          expect(row.reserved).toBe((before.get(`${row.sku}/${row.locationId}`) ?? 0) + held)
          expect(row.reserved).toBeLessThanOrEqual(row.onHand)
        }
      }),
    )
  })

  it('splits an order over locations only if none has all of it, and takes the first that has', () => {
    fc.assert(
      fc.property(orders, levels, (placed, rows) => {
        const stock = new Stock(rows)
        for (const wanted of placed) {
          const has = (id: number) =>
            [...sumPerSku(wanted.lines)].every(([sku, quantity]) =>
              rows.some(
                (row) => row.sku === sku && row.locationId === id && row.onHand - row.reserved >= quantity,
              ),
            )
          const whole = [1, 2].find(has)
          const [decision] = allocate([wanted], stock)
          if (decision?.outcome !== 'reserved' || whole === undefined) continue
          expect(new Set(decision.allocations.map(({ locationId }) => locationId))).toEqual(new Set([whole]))
        }
      }),
    )
  })

  it('gives an order all it wants or nothing, and rejects only for a shortage that was there', () => {
    fc.assert(
      fc.property(orders, levels, (placed, rows) => {
        const left = new Map(skus.map((sku) => [sku, new Stock(structuredClone(rows)).available(sku)]))
        for (const decision of allocate(placed, new Stock(rows))) {
          const wanted = sumPerSku(decision.order.lines)
          const short = [...wanted].filter(([sku, quantity]) => quantity > (left.get(sku) ?? 0))
          if (decision.outcome === 'rejected') {
            expect(decision.shortages.map(({ sku }) => sku)).toEqual(short.map(([sku]) => sku))
          } else {
            expect(sumPerSku(decision.allocations)).toEqual(wanted)
            for (const [sku, quantity] of wanted) left.set(sku, (left.get(sku) ?? 0) - quantity)
          }
        }
      }),
    )
  })
})

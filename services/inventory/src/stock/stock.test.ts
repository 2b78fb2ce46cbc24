import { describe, expect, it } from 'vitest'
import { emptyLevel } from './low-stock.ts'
import { statusOf, Stock } from './stock.ts'

const NOW = new Date('2026-01-31T09:30:00Z')
const stockOf = (...levels: [sku: string, onHand: number, reserved?: number][]) =>
  new Stock(
    levels.map(([sku, onHand, reserved = 0]) => ({
      ...emptyLevel(),
      ...{ sku, locationId: 1, priority: 1, onHand, reserved },
    })),
  )

it.each([
  [0, 'out_of_stock'],
  [1, 'low_stock'],
  [5, 'low_stock'],
  [6, 'in_stock'],
])('shows %i as %s', (available, status) => {
  expect(statusOf(available, 5)).toBe(status)
})

it('reports a stock status only when it differs from the previous one', () => {
  const stock = stockOf(['CUP', 9], ['MUG', 6], ['PAN', 3])
  for (const sku of ['CUP', 'MUG', 'PAN']) stock.hold([{ sku, locationId: 1, quantity: 3 }])
  expect(stock.statusChanges(5)).toEqual([
    { sku: 'MUG', status: 'low_stock', available: 3 },
    { sku: 'PAN', status: 'out_of_stock', available: 0 },
  ])
})

it('sums a SKU over its locations', () => {
  const stock = stockOf(['MUG', 2])
  stock.count('MUG', 7, 5, NOW)
  expect(stock.available('MUG')).toBe(7)
  expect(stock.changedLevels()).toMatchObject([{ locationId: 7, onHand: 5, countedAt: NOW }])
})

describe('refuses', () => {
  it('to hold more than there is', () => {
    expect(() => stockOf(['MUG', 2]).hold([{ sku: 'MUG', locationId: 1, quantity: 3 }])).toThrow('MUG')
  })
  it('to free more than is held', () => {
    expect(() => stockOf(['MUG', 2, 1]).release([{ sku: 'MUG', locationId: 1, quantity: 2 }])).toThrow('MUG')
  })
  it('to touch what was not locked', () => {
    expect(() => stockOf().hold([{ sku: 'MUG', locationId: 1, quantity: 1 }])).toThrow('not locked')
  })
})

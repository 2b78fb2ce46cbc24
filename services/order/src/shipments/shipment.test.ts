import { expect, it } from 'vitest'
import { amountOf, claimLines, claimRest, findOvershipped, type ShippableLine } from './shipment.ts'

const line = (position: number, sku: string, quantity: number, totalMinor: number, shippedQuantity = 0) =>
  ({ position, sku, quantity, totalMinor, shippedQuantity }) satisfies ShippableLine

it('claims everything that is left', () => {
  expect(claimRest([line(0, 'MUG', 3, 300, 1), line(1, 'CUP', 2, 200, 2)])).toEqual([
    { position: 0, sku: 'MUG', quantity: 2 },
  ])
})

it('claims a SKU from its lines in their order', () => {
  const lines = [line(0, 'MUG', 2, 200, 1), line(1, 'CUP', 1, 100), line(2, 'MUG', 5, 500)]
  expect(claimLines(lines, [{ sku: 'MUG', quantity: 3 }])).toEqual([
    { position: 0, sku: 'MUG', quantity: 1 },
    { position: 2, sku: 'MUG', quantity: 2 },
  ])
})

it('finds SKUs of which more would be shipped than was ordered', () => {
  const lines = [line(0, 'MUG', 2, 200, 1), line(1, 'MUG', 1, 100)]
  expect(findOvershipped(lines, [{ sku: 'MUG', quantity: 2 }])).toEqual([])
  expect(
    findOvershipped(lines, [
      { sku: 'MUG', quantity: 3 },
      { sku: 'HAT', quantity: 1 },
    ]),
  ).toEqual([
    { sku: 'MUG', wanted: 3, left: 2 },
    { sku: 'HAT', wanted: 1, left: 0 },
  ])
})

it('captures to the penny however a line is split', () => {
  let takenMinor = 0
  const parts = [0, 1, 2].map((shipped) => {
    const claim = [{ position: 0, sku: 'MUG', quantity: 1 }]
    const amount = amountOf([line(0, 'MUG', 3, 1000, shipped)], claim, { shippingMinor: 599, takenMinor })
    takenMinor += amount
    return amount
  })
  expect(parts).toEqual([599 + 333, 333, 334])
})

it('captures with the next shipment what a failed one did not', () => {
  const lines = [line(0, 'MUG', 2, 200), line(1, 'CUP', 1, 100, 1)]
  const claim = [{ position: 0, sku: 'MUG', quantity: 2 }]
  expect(amountOf(lines, claim, { shippingMinor: 599, takenMinor: 100 })).toBe(200 + 599)
})

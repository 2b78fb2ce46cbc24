import { MAX_AMOUNT, MAX_QUANTITY } from '@storewright/contracts'
import { expect, it } from 'vitest'
import { sumTotals, isTooLarge, priceLine } from './totals.ts'

const line = (quantity: number, unitPriceMinor: number) =>
  priceLine({ sku: 'MUG', name: 'Mug', quantity, unitPriceMinor })

it('adds lines and shipping up to the penny', () => {
  expect(sumTotals([line(3, 1299), line(1, 1), line(7, 0)], 599)).toEqual({
    subtotalMinor: 3898,
    discountMinor: 0,
    shippingMinor: 599,
    taxMinor: 0,
    taxIncludedMinor: 0,
    shippingTaxMinor: 0,
    totalMinor: 4497,
  })
})

it('totals nothing but shipping without lines', () => {
  expect(sumTotals([], 599)).toMatchObject({ subtotalMinor: 0, totalMinor: 599 })
})

it('stays exact for a thousand lines at the limit', () => {
  const totals = sumTotals(
    Array.from({ length: 1000 }, () => line(1000, 1_000_000)),
    1,
  )
  expect(totals.totalMinor).toBe(1_000_000_000_001)
  expect(isTooLarge(totals)).toBe(true)
  expect(isTooLarge(sumTotals([line(1, MAX_AMOUNT)], 0))).toBe(false)
})

it('finds a line too large even where its product is not exact', () => {
  expect(isTooLarge(sumTotals([line(MAX_QUANTITY, MAX_AMOUNT - 1)], 0))).toBe(true)
})

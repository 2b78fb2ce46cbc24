import { MAX_AMOUNT } from '@storewright/contracts'

export interface PricedLine {
  sku: string
  name: string
  quantity: number
  unitPriceMinor: number
  discountMinor: number
  taxMinor: number
  totalMinor: number
}

export interface Totals {
  subtotalMinor: number
  discountMinor: number
  shippingMinor: number
  taxMinor: number
  totalMinor: number
}

/** One line at its price. Prices include tax; there is no discount without promotions. */
export const priceLine = (line: {
  sku: string
  name: string
  quantity: number
  unitPriceMinor: number
}): PricedLine => ({
  sku: line.sku,
  name: line.name,
  quantity: line.quantity,
  unitPriceMinor: line.unitPriceMinor,
  discountMinor: 0,
  taxMinor: 0,
  totalMinor: line.quantity * line.unitPriceMinor,
})

/** Lines and shipping, to the penny. Whole numbers only: a line that passes `isTooLarge` may not be exact. */
export const addUp = (lines: readonly PricedLine[], shippingMinor: number): Totals => {
  const sum = (part: (line: PricedLine) => number) => lines.reduce((total, line) => total + part(line), 0)
  return {
    subtotalMinor: sum((line) => line.quantity * line.unitPriceMinor),
    discountMinor: sum((line) => line.discountMinor),
    shippingMinor,
    taxMinor: sum((line) => line.taxMinor),
    totalMinor: sum((line) => line.totalMinor) + shippingMinor,
  }
}

/** More money than an order may cost. Far below 2^53, so that whatever is smaller was added up exactly. */
export const isTooLarge = (totals: Totals) => totals.totalMinor > MAX_AMOUNT

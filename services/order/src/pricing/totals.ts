import { MAX_AMOUNT, type Money } from '@storewright/contracts'

/** The most lines that a cart, and so an order, may have. */
export const MAX_LINES = 1_000

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
export const priceLine = ({
  sku,
  name,
  quantity,
  unitPriceMinor,
}: Pick<PricedLine, 'sku' | 'name' | 'quantity' | 'unitPriceMinor'>): PricedLine => ({
  sku,
  name,
  quantity,
  unitPriceMinor,
  discountMinor: 0,
  taxMinor: 0,
  totalMinor: quantity * unitPriceMinor,
})

/** Lines and shipping, to the penny. Whole numbers only: a line that passes `isTooLarge` may not be exact. */
export const sumTotals = (lines: readonly PricedLine[], shippingMinor: number): Totals => {
  const sum = (part: (line: PricedLine) => number) => lines.reduce((total, line) => total + part(line), 0)
  return {
    subtotalMinor: sum((line) => line.quantity * line.unitPriceMinor),
    discountMinor: sum((line) => line.discountMinor),
    shippingMinor,
    taxMinor: sum((line) => line.taxMinor),
    totalMinor: sum((line) => line.totalMinor) + shippingMinor,
  }
}

/** More money than an order may cost. Far below 2^53, so that whatever is smaller was summed exactly. */
export const isTooLarge = (totals: Totals) => totals.totalMinor > MAX_AMOUNT

/** Minor units and their currency, as the API and the events show them. */
export const money = (amount: number, currency: string): Money => ({ amount, currency })

/** The amounts that orders and events show of each line. */
export const lineMoney = (line: PricedLine, currency: string) => ({
  unitPrice: money(line.unitPriceMinor, currency),
  discount: money(line.discountMinor, currency),
  tax: money(line.taxMinor, currency),
  total: money(line.totalMinor, currency),
})

/** Totals as the API and the events show them. */
export const totalsView = (totals: Totals, currency: string) => ({
  subtotal: money(totals.subtotalMinor, currency),
  discount: money(totals.discountMinor, currency),
  shipping: money(totals.shippingMinor, currency),
  tax: money(totals.taxMinor, currency),
  total: money(totals.totalMinor, currency),
})

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
  /** The part of the tax that the price contains already: all of it or nothing. */
  taxIncludedMinor: number
  /** Hundredths of a per cent; null where no rate applies. */
  taxBasisPoints: number | null
  totalMinor: number
}

export interface Totals {
  subtotalMinor: number
  discountMinor: number
  /** After promotions; with the tax that it contains, without any other. */
  shippingMinor: number
  /** Of lines and shipping, contained in prices or not. */
  taxMinor: number
  taxIncludedMinor: number
  shippingTaxMinor: number
  totalMinor: number
}

export interface ShippingCost {
  costMinor: number
  taxMinor: number
  taxIncludedMinor: number
}

/** One line at its price, without promotions and tax. */
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
  taxIncludedMinor: 0,
  taxBasisPoints: null,
  totalMinor: quantity * unitPriceMinor,
})

/** Lines and shipping, to the penny. Whole numbers only: a line that passes `isTooLarge` may not be exact. */
export const sumTotals = (lines: readonly PricedLine[], shipping: number | ShippingCost): Totals => {
  const sum = (part: (line: PricedLine) => number) => lines.reduce((total, line) => total + part(line), 0)
  const { costMinor, taxMinor, taxIncludedMinor } =
    typeof shipping === 'number' ? { costMinor: shipping, taxMinor: 0, taxIncludedMinor: 0 } : shipping
  return {
    subtotalMinor: sum((line) => line.quantity * line.unitPriceMinor),
    discountMinor: sum((line) => line.discountMinor),
    shippingMinor: costMinor,
    taxMinor: sum((line) => line.taxMinor) + taxMinor,
    taxIncludedMinor: sum((line) => line.taxIncludedMinor) + taxIncludedMinor,
    shippingTaxMinor: taxMinor,
    totalMinor: sum((line) => line.totalMinor) + costMinor + taxMinor - taxIncludedMinor,
  }
}

/** More money than an order may cost. Far below 2^53, so that whatever is smaller was summed exactly. */
export const isTooLarge = ({ subtotalMinor, totalMinor }: Totals) =>
  Math.max(subtotalMinor, totalMinor) > MAX_AMOUNT

/** Minor units and their currency, as the API and the events show them. */
export const money = (amount: number, currency: string): Money => ({ amount, currency })

/** The amounts that orders and events show of each line. */
export const lineMoney = (
  line: Pick<PricedLine, 'unitPriceMinor' | 'discountMinor' | 'taxMinor' | 'taxIncludedMinor' | 'totalMinor'>,
  currency: string,
) => ({
  unitPrice: money(line.unitPriceMinor, currency),
  discount: money(line.discountMinor, currency),
  tax: money(line.taxMinor, currency),
  taxIncluded: money(line.taxIncludedMinor, currency),
  total: money(line.totalMinor, currency),
})

/** Totals as the API and the events show them. */
export const totalsView = (totals: Omit<Totals, 'shippingTaxMinor'>, currency: string) => ({
  subtotal: money(totals.subtotalMinor, currency),
  discount: money(totals.discountMinor, currency),
  shipping: money(totals.shippingMinor, currency),
  tax: money(totals.taxMinor, currency),
  taxIncluded: money(totals.taxIncludedMinor, currency),
  total: money(totals.totalMinor, currency),
})

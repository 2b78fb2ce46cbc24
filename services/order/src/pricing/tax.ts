import { partOf, split } from '@storewright/promotions/split'
import type { TaxRule } from '../rates/taxes.ts'

/** What a line costs after promotions, and the tax that applies to it. */
export interface Taxable {
  amountMinor: number
  rule: TaxRule | null
}

export interface TaxShare {
  taxMinor: number
  taxIncludedMinor: number
}

/** What one tax comes to in an order. */
export interface TaxSum extends TaxShare {
  rule: TaxRule
  /** What it was reckoned of: lines, and shipping's part. */
  amountMinor: number
}

export interface Taxes {
  lines: TaxShare[]
  shipping: TaxShare
  sums: TaxSum[]
}

const ALL = 10_000

/** The tax on an amount, half up. */
const taxOn = (amount: number, { basisPoints, included }: TaxRule) =>
  partOf(amount, basisPoints, included ? ALL + basisPoints : ALL)

/** A price without the tax that it contains, half up. */
export const withoutTax = (price: number, rule: TaxRule | null) =>
  rule?.included ? partOf(price, ALL, ALL + rule.basisPoints) : price

const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0)

/** Lines by their rule, in the order in which each first occurs. */
const groupsOf = (lines: readonly Taxable[]) => {
  const groups = new Map<string, { rule: TaxRule | null; indexes: number[] }>()
  lines.forEach(({ rule }, index) => {
    const key = rule?.id ?? ''
    const group = groups.get(key) ?? { rule, indexes: [] }
    groups.set(key, group)
    group.indexes.push(index)
  })
  return [...groups.values()]
}

/** Shipping's part of each group: it is taxed as what it carries, in proportion to what that costs. */
export const splitShipping = (
  lines: readonly Taxable[],
  shippingMinor: number,
  shippingRule: TaxRule | null,
) => {
  const groups = groupsOf(lines)
  const weights = groups.map(({ indexes }) => sumOf(indexes.map((index) => lines[index]?.amountMinor ?? 0)))
  const isShared = sumOf(weights) > 0
  const parts = split(shippingMinor, weights)
  const shared = groups.map((group, index) => ({ ...group, shippingMinor: parts[index] ?? 0 }))
  return isShared ? shared : [...shared, { rule: shippingRule, indexes: [], shippingMinor }]
}

/** The tax of each group of one rule is reckoned once of its sum, half up, and split over its lines and its part of
 * shipping by largest remainder, so that the parts add up to it. */
export const taxOrder = (
  lines: readonly Taxable[],
  { shippingMinor, shippingRule }: { shippingMinor: number; shippingRule: TaxRule | null },
): Taxes => {
  const none = { taxMinor: 0, taxIncludedMinor: 0 }
  const taxes: Taxes = { lines: lines.map(() => none), shipping: none, sums: [] }
  for (const { rule, indexes, shippingMinor: part } of splitShipping(lines, shippingMinor, shippingRule)) {
    if (!rule) continue
    const amounts = [...indexes.map((index) => lines[index]?.amountMinor ?? 0), part]
    const amountMinor = sumOf(amounts)
    const taxMinor = taxOn(amountMinor, rule)
    const included = (tax: number) => ({ taxMinor: tax, taxIncludedMinor: rule.included ? tax : 0 })
    const shares = split(taxMinor, amounts)
    indexes.forEach((index, place) => (taxes.lines[index] = included(shares[place] ?? 0)))
    const ofShipping = included(shares[indexes.length] ?? 0)
    taxes.shipping = {
      taxMinor: taxes.shipping.taxMinor + ofShipping.taxMinor,
      taxIncludedMinor: taxes.shipping.taxIncludedMinor + ofShipping.taxIncludedMinor,
    }
    if (indexes.length > 0 || part > 0) taxes.sums.push({ rule, amountMinor, ...included(taxMinor) })
  }
  return taxes
}

import { MAX_AMOUNT } from '@storewright/contracts'
import { evaluate, type Reason } from '@storewright/promotions/evaluate'
import type { Promotion } from '@storewright/promotions/promotion'
import type { Rates } from '../rates/rates.ts'
import type { Destination, ShippingQuote } from '../rates/shipping.ts'
import { withAncestors } from '../rates/taxes.ts'
import { splitShipping, taxOrder, withoutTax, type TaxSum } from './tax.ts'
import { sumTotals, type PricedLine, type Totals } from './totals.ts'

/** A line that can be bought; each SKU has one. */
export interface LineToPrice {
  sku: string
  name: string
  quantity: number
  unitPriceMinor: number
  productId: string
  /** The product's own, without those above them. */
  categoryIds: readonly string[]
}

/** `exhausted`: for everybody; `used-by-customer`: this customer has had it as often as one may. */
export type LimitReason = 'exhausted' | 'used-by-customer'

export const LIMITS: Record<LimitReason, string> = {
  exhausted: 'The promotion has been used as often as it may be.',
  'used-by-customer': 'You have used the promotion as often as one customer may.',
}

export interface OrderToPrice {
  rates: Pick<Rates, 'taxes' | 'categoryParents' | 'promotions'>
  currency: string
  lines: readonly LineToPrice[]
  /** Those of the codes; the ones without a code are in the rates. */
  codePromotions?: readonly Promotion[]
  /** By promotion: what limits keep from applying. */
  exhausted?: ReadonlyMap<string, LimitReason>
  /** Normalised. */
  codes: readonly string[]
  /** Null while it is not known: then there is no tax yet. */
  destination: Destination | null
  /** Null while it is not known: then it costs nothing yet. */
  shipping: Pick<ShippingQuote, 'methodId' | 'priceMinor'> | null
  taxExempt?: boolean
  now: Date
}

export interface AppliedDiscount {
  promotionId: string
  name: string
  code: string | null
  /** What it takes off lines and shipping. */
  amountMinor: number
  limits: Promotion['limits']
}

export interface NotApplied {
  code: string
  reason: Reason | LimitReason
  message: string
}

export interface PricedOrder {
  /** In the order of the input. */
  lines: PricedLine[]
  totals: Totals
  /** In the order of application. */
  discounts: AppliedDiscount[]
  /** Of the codes. */
  notApplied: NotApplied[]
  shipping: { methodId: string; priceMinor: number; discountMinor: number } | null
  /** Each tax with what it comes to. */
  taxes: TaxSum[]
}

/** Refused as too large, so that nothing has to be exact but the verdict. */
const isBeyondBounds = (lines: readonly LineToPrice[]) =>
  lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0) > MAX_AMOUNT

/** An order to the penny: promotions on lines and shipping, then taxes of what they leave. */
export const priceOrder = ({
  rates,
  currency,
  lines,
  codePromotions = [],
  exhausted = new Map(),
  codes,
  destination,
  shipping,
  taxExempt = false,
  now,
}: OrderToPrice): PricedOrder => {
  const ruleFor = (categoryIds: readonly string[]) =>
    destination && rates.taxes.ruleFor({ country: destination.country, categoryIds, now })
  // Who pays no tax pays prices without it, and promotions are taken off those.
  const priced = lines.map((line) => {
    const rule = ruleFor(line.categoryIds)
    return {
      ...line,
      rule,
      unitPrice: taxExempt ? withoutTax(line.unitPriceMinor, rule) : line.unitPriceMinor,
    }
  })

  const candidates = isBeyondBounds(lines) ? [] : [...rates.promotions, ...codePromotions]
  const outOfLimit = candidates.filter(({ promotionId }) => exhausted.has(promotionId))
  const limitedCodes = new Set(outOfLimit.map(({ code }) => code))
  const evaluation = evaluate(
    candidates.filter(({ promotionId }) => !exhausted.has(promotionId)),
    priced.map((line) => ({ ...line, categoryIds: withAncestors(rates.categoryParents, line.categoryIds) })),
    { now, currency, codes: codes.filter((code) => !limitedCodes.has(code)), shipping: shipping?.priceMinor },
  )

  const taxables = priced.map(({ rule }, index) => ({
    rule,
    amountMinor: evaluation.lines[index]?.total ?? 0,
  }))
  const shippingRule = ruleFor([])
  const gross = (shipping?.priceMinor ?? 0) - evaluation.shippingDiscount
  const costMinor = taxExempt
    ? splitShipping(taxables, gross, shippingRule).reduce(
        (sum, { rule, shippingMinor }) => sum + withoutTax(shippingMinor, rule),
        0,
      )
    : gross
  const taxes = taxOrder(taxExempt ? taxables.map((line) => ({ ...line, rule: null })) : taxables, {
    shippingMinor: costMinor,
    shippingRule: taxExempt ? null : shippingRule,
  })

  const pricedLines = priced.map(({ sku, name, quantity, unitPrice, rule }, index): PricedLine => {
    const { taxMinor = 0, taxIncludedMinor = 0 } = taxes.lines[index] ?? {}
    const { discount: discountMinor = 0, total = 0 } = evaluation.lines[index] ?? {}
    return {
      sku,
      name,
      quantity,
      unitPriceMinor: unitPrice,
      discountMinor,
      taxMinor,
      taxIncludedMinor,
      taxBasisPoints: taxExempt || !rule ? null : rule.basisPoints,
      totalMinor: total + taxMinor - taxIncludedMinor,
    }
  })
  return {
    lines: pricedLines,
    totals: sumTotals(pricedLines, { costMinor, ...taxes.shipping }),
    discounts: evaluation.applied.map(({ promotion: { promotionId, name, code, limits }, amount }) => ({
      promotionId,
      name,
      code,
      amountMinor: amount,
      limits,
    })),
    notApplied: [
      ...outOfLimit.flatMap(({ promotionId, code }) => {
        const reason = exhausted.get(promotionId)
        return code !== null && codes.includes(code) && reason
          ? { code, reason, message: LIMITS[reason] }
          : []
      }),
      ...evaluation.notApplied.flatMap(({ code, reason, message }) =>
        code !== null && codes.includes(code) ? { code, reason, message } : [],
      ),
    ],
    shipping: shipping && {
      methodId: shipping.methodId,
      priceMinor: shipping.priceMinor,
      discountMinor: evaluation.shippingDiscount,
    },
    taxes: taxes.sums,
  }
}

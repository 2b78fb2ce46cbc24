import { amountOf, applyAll, type Applied } from './apply.ts'
import { byApplication, type Line, type Promotion } from './promotion.ts'
import { findRefusal, refuse, type Refusal } from './reasons.ts'

export { reasons, type Reason } from './reasons.ts'

export interface Context {
  now: Date
  /** Of the lines' prices and of shipping. */
  currency: string
  /** Normalised. */
  codes: readonly string[]
  /** What shipping costs, in minor units; left out where it is not known yet. */
  shipping?: number | undefined
}

interface AppliedPromotion {
  promotion: Promotion
  /** What it takes off in all, shipping included; minor units. */
  amount: number
  shippingDiscount: number
  freeShipping: boolean
}

export interface NotApplied extends Refusal {
  /** Null for a code that no promotion has. */
  promotion: Promotion | null
  code: string | null
}

interface PricedLine {
  sku: string
  quantity: number
  unitPrice: number
  subtotal: number
  discount: number
  total: number
  /** What each promotion takes off this line. */
  promotions: { promotionId: string; amount: number }[]
}

export interface Evaluation {
  /** In the order of the input. */
  lines: PricedLine[]
  /** In the order of application. */
  applied: AppliedPromotion[]
  notApplied: NotApplied[]
  /** Of the lines, without shipping. */
  totals: { subtotal: number; discount: number; total: number }
  shippingDiscount: number
  freeShipping: boolean
}

const isEffective = (applied: Applied) => amountOf(applied) > 0 || applied.freeShipping

const worthOf = (applied: readonly Applied[]) => ({
  amount: applied.reduce((sum, one) => sum + amountOf(one), 0),
  freeShipping: applied.some(({ freeShipping }) => freeShipping),
})

/** The combinable ones together, or an exclusive one alone where that is cheaper for the customer. */
const chooseCheapest = (
  eligible: readonly Promotion[],
  lines: readonly Line[],
  { currency, shipping = null }: { currency: string; shipping?: number | null | undefined },
): Applied[] => {
  const together = eligible.filter(({ exclusive }) => !exclusive)
  const alone = eligible.filter(({ exclusive }) => exclusive).map((promotion) => [promotion])
  let best = applyAll(together, lines, { currency, shipping })
  for (const promotions of alone) {
    const other = applyAll(promotions, lines, { currency, shipping })
    const [was, is] = [worthOf(best), worthOf(other)]
    const isCheaper = is.amount > was.amount
    // What free shipping saves is not known yet, so it counts for something only where the rest is equal.
    if (isCheaper || (is.amount === was.amount && is.freeShipping && !was.freeShipping)) best = other
  }
  return best
}

const priceLine = (line: Line, index: number, applied: readonly Applied[]): PricedLine => {
  const subtotal = line.quantity * line.unitPrice
  const promotions = applied.flatMap(({ promotion, discounts }) => {
    const amount = discounts[index] ?? 0
    return amount > 0 ? [{ promotionId: promotion.promotionId, amount }] : []
  })
  const discount = promotions.reduce((sum, { amount }) => sum + amount, 0)
  const { sku, quantity, unitPrice } = line
  return { sku, quantity, unitPrice, subtotal, discount, total: subtotal - discount, promotions }
}

const sum = (lines: readonly PricedLine[], field: 'subtotal' | 'discount' | 'total') =>
  lines.reduce((total, line) => total + line[field], 0)

/** Which promotions apply to these lines, what each takes off, why the others do not; limits are not judged. */
export const evaluate = (
  promotions: readonly Promotion[],
  lines: readonly Line[],
  context: Context,
): Evaluation => {
  // The outcome must not depend on the order in which anything was read.
  const ordered = [...promotions].sort(byApplication)
  const sorted = [...lines].sort((a, b) => (a.sku < b.sku ? -1 : 1))
  const refused = new Map<Promotion, Refusal>()
  for (const promotion of ordered) {
    const refusal = findRefusal(promotion, sorted, context)
    if (refusal) refused.set(promotion, refusal)
  }
  const chosen = chooseCheapest(
    ordered.filter((promotion) => !refused.has(promotion)),
    sorted,
    context,
  )
  const outcomes = new Map(chosen.map((applied) => [applied.promotion, applied]))
  const refusalOf = (promotion: Promotion): Refusal | null => {
    const outcome = outcomes.get(promotion)
    if (outcome) return isEffective(outcome) ? null : refuse('nothing-left')
    return refused.get(promotion) ?? refuse('not-combinable')
  }
  const known = new Set(promotions.map(({ code }) => code))
  const bySku = new Map(sorted.map((line, index) => [line.sku, priceLine(line, index, chosen)]))
  const priced = lines.flatMap(({ sku }) => bySku.get(sku) ?? [])
  return {
    lines: priced,
    applied: chosen.filter(isEffective).map((applied) => ({
      promotion: applied.promotion,
      amount: amountOf(applied),
      shippingDiscount: applied.shippingDiscount,
      freeShipping: applied.freeShipping,
    })),
    notApplied: [
      ...ordered.flatMap((promotion): NotApplied[] => {
        const refusal = refusalOf(promotion)
        return refusal ? [{ promotion, code: promotion.code, ...refusal }] : []
      }),
      ...[...new Set(context.codes)]
        .filter((code) => !known.has(code))
        .map((code): NotApplied => ({ promotion: null, code, ...refuse('unknown-code') })),
    ],
    totals: {
      subtotal: sum(priced, 'subtotal'),
      discount: sum(priced, 'discount'),
      total: sum(priced, 'total'),
    },
    shippingDiscount: chosen.reduce((total, { shippingDiscount }) => total + shippingDiscount, 0),
    freeShipping: chosen.some(({ freeShipping }) => freeShipping),
  }
}

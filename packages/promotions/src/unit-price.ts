import type { Money } from '@storewright/contracts'
import { evaluate } from './evaluate.ts'
import { appliesTo, isOnEveryUnit, type Line, type Promotion } from './promotion.ts'

export interface UnitPromotion {
  /** The promotion that takes most off. */
  promotionId: string
  name: string
  kind: Promotion['kind']
  /** What one unit costs with all that apply to it. */
  price: Money
  /** When the first of them ends; null where none does. */
  endsAt: string | null
}

/** What anybody pays for one unit with promotions that have no code, minimum or limit; null where none applies. */
export const priceOneUnit = (
  promotions: readonly Promotion[],
  product: Pick<Line, 'productId' | 'categoryIds'>,
  price: Money,
  now: Date,
): UnitPromotion | null => {
  const relevant = promotions.filter((promotion) => isOnEveryUnit(promotion) && appliesTo(promotion, product))
  if (relevant.length === 0) return null
  const line = { ...product, sku: '', quantity: 1, unitPrice: price.amount }
  const { applied, totals } = evaluate(relevant, [line], { now, currency: price.currency, codes: [] })
  const [first, ...rest] = applied
  if (!first) return null
  const { promotion } = rest.reduce((most, one) => (one.amount > most.amount ? one : most), first)
  const ends = applied.flatMap(({ promotion: { endsAt } }) => endsAt ?? []).sort()
  return {
    promotionId: promotion.promotionId,
    name: promotion.name,
    kind: promotion.kind,
    price: { amount: totals.total, currency: price.currency },
    endsAt: ends[0] ?? null,
  }
}

import { newId } from '@storewright/database'
import type { Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import { requireNoFaults } from '../products/product-rules.ts'
import { withVariant, type Product, type Variant } from '../products/product.ts'
import type { ChangeContext } from '../products/save-products.ts'
import { withPrices, type StatedPrice } from '../products/variant-prices.ts'
import { changeVariant } from '../variants/change-variant.ts'
import { countWaiting, insertScheduledPrices, listPlansAt, type ScheduledPrice } from './queries.ts'
import { MAX_SCHEDULED_PRICES } from './schemas.ts'

/** Clocks differ a little; an instant this close is now. */
const NOW_MS = 60_000
const FARTHEST_MS = 5 * 366 * 24 * 3600 * 1000

/** When a price asked for `effectiveAt` begins: now (null), later, or never because that is past. */
export const startOf = (effectiveAt: string, now: Date): Date | null => {
  const at = new Date(effectiveAt)
  const refuse = (message: string): never => {
    throw new Problem('unprocessable', `effectiveAt ${message}.`, {
      errors: [{ path: 'effectiveAt', message }],
    })
  }
  const distance = at.getTime() - now.getTime()
  if (Number.isNaN(distance)) return refuse('is no instant')
  if (distance < -NOW_MS) return refuse('is past, and the past has its prices')
  if (distance > FARTHEST_MS) return refuse('is more than five years away')
  return distance <= 0 ? null : at
}

const isSamePlan = (one: ScheduledPrice, other: ScheduledPrice) =>
  one.amount === other.amount && one.compareAt === other.compareAt

/** The plans that are new; a repeated request plans nothing twice, and two prices for one instant are a conflict. */
const requireNoConflict = (plans: ScheduledPrice[], present: ScheduledPrice[]) => {
  const byCurrency = new Map(present.map((plan) => [plan.currency, plan]))
  const conflicts = plans.flatMap((plan) => {
    const other = byCurrency.get(plan.currency)
    return other && !isSamePlan(plan, other) ? [plan.currency] : []
  })
  if (conflicts.length > 0)
    throw new Problem(
      'already-scheduled',
      'Another price is scheduled for this instant; cancel that one first.',
      {
        errors: conflicts.map((currency) => ({
          path: 'effectiveAt',
          message: `has another price in ${currency} already`,
        })),
      },
    )
  return plans.filter(({ currency }) => !byCurrency.has(currency))
}

/** Schedules prices of a variant, each for its currency. Returns the product as it is today. */
export const schedulePrices = async (
  trx: Trx,
  { sku, prices, at }: { sku: string; prices: StatedPrice[]; at: Date },
  context: ChangeContext,
  check: (product: Product) => void,
): Promise<Product> => {
  const schedule = async (variant: Variant, product: Product) => {
    // What could not be applied today is refused today.
    requireNoFaults(withVariant(product, { ...variant, prices: withPrices(variant.prices, prices) }), product)
    const plans = prices.map(({ amount, currency, compareAt }) => ({
      id: newId(),
      sku: variant.sku,
      amount,
      currency,
      compareAt,
      effectiveAt: at,
      reason: context.reason ?? null,
      requestedBy: context.by,
    }))
    const added = requireNoConflict(plans, await listPlansAt(trx, variant.sku, at))
    if (added.length === 0) return variant
    if ((await countWaiting(trx, variant.sku)) + added.length > MAX_SCHEDULED_PRICES)
      throw new Problem('unprocessable', `A variant has at most ${MAX_SCHEDULED_PRICES} scheduled prices.`, {
        errors: [{ path: 'effectiveAt', message: 'would be one scheduled price too many' }],
      })
    await insertScheduledPrices(trx, added)
    return variant
  }
  return changeVariant(trx, sku, { check, change: schedule }, context)
}

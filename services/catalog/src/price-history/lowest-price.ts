import type { Money } from '@storewright/contracts'

const WINDOW_MS = 30 * 24 * 3600 * 1000

/** One step of a price: what it became and what it was before. */
export interface PriceStep {
  at: Date
  price: Money
  previous: Money | null
}

export const windowStart = (at: Date) => new Date(at.getTime() - WINDOW_MS)

/**
 * The lowest price in force during the 30 days before `at`, when `current` is replaced by `next`: the prior price of
 * Directive 98/6/EC, article 6a. Only prices in `next`'s currency count; where there is none, `next` itself.
 */
export const lowestPrice30Days = (
  steps: PriceStep[],
  current: Money | null,
  next: Money,
  at: Date,
): number => {
  const start = windowStart(at)
  const recent = steps.filter((step) => step.at > start)
  // The price in force when the window opened is what the first step inside it replaced.
  const inForce = [current, ...recent.flatMap(({ price, previous }) => [price, previous])]
  const amounts = inForce.flatMap((price) => (price?.currency === next.currency ? [price.amount] : []))
  return amounts.length > 0 ? Math.min(...amounts) : next.amount
}

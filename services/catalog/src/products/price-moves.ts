import { isRestated, type PriceMove } from '../price-history/price-changes.ts'
import type { Product, Variant } from './product.ts'
import { askedAmount, priceIn } from './variant-prices.ts'

const isOnSale = (product: Product | null, variant: Variant | undefined) =>
  product?.status === 'published' && variant?.deleted === false

/** The prices that differ, or that customers are asked from now on or no more. A deleted variant keeps its last ones. */
export const priceMoves = ({ before, after }: { before: Product | null; after: Product }): PriceMove[] => {
  const known = new Map(before?.variants.map((variant) => [variant.sku, variant]))
  return after.variants.flatMap((variant) => {
    const { sku, prices } = variant
    const past = known.get(sku)
    const currencies = new Set([...(past?.prices ?? []), ...prices].map(({ currency }) => currency))
    return [...currencies].flatMap((currency): PriceMove[] => {
      const old = past ? priceIn(past, currency) : null
      const price = priceIn(variant, currency)
      const move: PriceMove = {
        sku,
        currency,
        stated: { before: old, after: price },
        asked: {
          before: old && isOnSale(before, past) ? askedAmount(old) : null,
          after: price && isOnSale(after, variant) ? askedAmount(price) : null,
        },
        lowestBefore: (price ?? old)?.lowestBefore ?? 0,
      }
      return isRestated(move) || move.asked.before !== move.asked.after ? [move] : []
    })
  })
}

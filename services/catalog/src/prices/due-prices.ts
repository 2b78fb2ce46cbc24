import { findFaults, withVariant, type Product } from '../products/product.ts'
import { withPrices, type StatedPrice } from '../products/variant-prices.ts'

/** The next plans to apply together: of each SKU and currency the first, since one save knows one price before and one after. */
export const nextWave = <Plan extends { sku: string; currency: string }>(plans: Plan[]): Plan[] => {
  const seen = new Set<string>()
  return plans.filter(({ sku, currency }) => {
    const key = `${sku} ${currency}`
    return !seen.has(key) && seen.add(key)
  })
}

/** The product with a scheduled price, or why it cannot have it. */
export const withScheduledPrice = (
  product: Product | undefined,
  { sku, ...price }: StatedPrice & { sku: string },
): Product | { failure: string } => {
  if (!product || product.status === 'deleted')
    return { failure: 'There is no product with this SKU any more.' }
  const variant = product.variants.find((one) => one.sku === sku && !one.deleted)
  if (!variant) return { failure: 'There is no variant with this SKU any more.' }
  const after = withVariant(product, { ...variant, prices: withPrices(variant.prices, [price]) })
  const [fault] = findFaults(after, product)
  return fault ? { failure: `Not possible: ${fault.message}.` } : after
}

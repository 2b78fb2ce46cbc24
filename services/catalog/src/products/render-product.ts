import { activeVariants, stockStatusOf, type Product, type Variant } from './product.ts'
import { currenciesOf, lowestOf, priceIn, toPublicPrice, toPublicPromotion } from './variant-prices.ts'

/** A variant with its price in one currency, null where it has none in it, and with all its prices. */
export const toPublicVariant = (
  { sku, name, attributes, options, prices, weightGrams, stockStatus }: Variant,
  currency: string,
) => {
  const price = priceIn({ prices }, currency)
  const shown = price && toPublicPrice(price)
  return {
    sku,
    name,
    attributes,
    options,
    price: price && { amount: price.amount, currency },
    compareAtPrice: shown?.compareAtPrice ?? null,
    lowestPrice30Days: shown?.lowestPrice30Days ?? null,
    prices: prices.map(toPublicPrice),
    ...toPublicPromotion(price),
    ...(weightGrams !== null && { weightGrams }),
    stockStatus,
  }
}

/** A product as lists show it in one currency, as the JSON text that is stored with it. */
export const renderSummary = (product: Product, currency: string): string => {
  const variants = activeVariants(product)
  const cheapest = (code: string) => lowestOf(variants, code)
  const lowest = cheapest(currency)
  return JSON.stringify({
    id: product.id,
    slug: product.slug,
    name: product.name,
    status: product.status,
    version: product.version,
    categoryIds: product.categoryIds,
    attributes: product.attributes,
    options: product.options,
    media: product.media,
    price: lowest && { amount: lowest.amount, currency },
    compareAtPrice: lowest && toPublicPrice(lowest).compareAtPrice,
    prices: currenciesOf(variants).map((code) => ({ amount: cheapest(code)?.amount, currency: code })),
    ...toPublicPromotion(lowest),
    stockStatus: stockStatusOf(product),
    variants: variants.map((variant) => toPublicVariant(variant, currency)),
    createdAt: product.createdAt,
    updatedAt: product.updatedAt,
    publishedAt: product.publishedAt,
  })
}

/** The whole product: its summary and what lists leave out. */
export const renderProduct = (
  summary: string,
  { description, seo, metadata }: Pick<Product, 'description' | 'seo' | 'metadata'>,
): string => `${summary.slice(0, -1)},${JSON.stringify({ description, seo, metadata }).slice(1)}`

import type { AttributeRow, Listing } from '../database.ts'
import { attributeRowsOf } from '../listings/attribute-rows.ts'
import { activeVariants, lowestPriceIn, stockStatusOf, type Product } from './product.ts'
import { renderSummary } from './render-product.ts'
import { currenciesOf } from './variant-prices.ts'

export interface StoredSummary {
  /** '' for all currencies that a product that is not on sale has no price in. */
  currency: string
  summary: string
}

/** In which currencies a product is listed; drafts and archived ones also without any, a deleted one in none. */
export const shownCurrencies = (product: Product): string[] => {
  if (product.status === 'deleted') return []
  const currencies = currenciesOf(activeVariants(product))
  return product.status === 'published' ? currencies : ['', ...currencies]
}

/** What is stored of a product for lists and pages; pages in other currencies are rendered when they are asked for. */
export const summariesOf = (product: Product): StoredSummary[] =>
  shownCurrencies(product).map((currency) => ({ currency, summary: renderSummary(product, currency) }))

/** How a product stands in lists, one row for each currency of its prices; drafts and archived ones also without. */
export const listingsOf = (product: Product): Listing[] => {
  const { id, status, name, publishedAt, createdAt } = product
  if (status === 'deleted') return []
  return shownCurrencies(product).map((currency) => ({
    product_id: id,
    status,
    listed_at: publishedAt ?? createdAt,
    name,
    price_minor: lowestPriceIn(product, currency)?.amount ?? 0,
    currency,
    in_stock: Number(stockStatusOf(product) !== 'out_of_stock'),
  }))
}

/** By which attributes a product is found: its own, those of its variants, and their options. */
export const attributesOf = (product: Product): AttributeRow[] =>
  product.status === 'deleted'
    ? []
    : attributeRowsOf(product.id, [
        product.attributes,
        ...activeVariants(product).flatMap(({ attributes, options }) => [attributes, options]),
      ])

import { activeVariants, lowestPrice, stockStatusOf, type Product, type Variant } from './product.ts'

/** A variant as the API shows it. */
export const variantView = ({ sku, name, attributes, price, lowestBefore, stockStatus }: Variant) => ({
  sku,
  name,
  attributes,
  price,
  lowestPrice30Days: { amount: lowestBefore, currency: price.currency },
  stockStatus,
})

/** A product as lists show it, as JSON text: stored with the product, so that reading one assembles nothing. */
export const productView = (product: Product): string =>
  JSON.stringify({
    id: product.id,
    slug: product.slug,
    name: product.name,
    status: product.status,
    version: product.version,
    categoryIds: product.categoryIds,
    attributes: product.attributes,
    media: product.media,
    price: lowestPrice(product),
    stockStatus: stockStatusOf(product),
    variants: activeVariants(product).map(variantView),
    createdAt: product.createdAt,
    updatedAt: product.updatedAt,
    publishedAt: product.publishedAt,
  })

/** The whole product: its view and what lists leave out. */
export const detailView = (view: string, description: string): string =>
  `${view.slice(0, -1)},"description":${JSON.stringify(description)}}`

import { isDeepStrictEqual } from 'node:util'
import type { Money, StockStatus } from '@storewright/contracts'
import type { Static } from 'typebox'
import type { ProductRow, ProductStatus } from '../database.ts'
import { MAX_VARIANTS, type ProductPatch } from '../schemas.ts'

export type Attributes = Record<string, string>

export interface Medium {
  url: string
  alt: string
}

export interface Variant {
  sku: string
  name: string
  attributes: Attributes
  price: Money
  /** Lowest price of the 30 days before the present price began, in its currency (minor units). */
  lowestBefore: number
  /** A deleted variant stays, so that its SKU never moves to another product. */
  deleted: boolean
  stockStatus: StockStatus
}

type Rendered = 'summary' | 'popularity' | 'created_at' | 'updated_at' | 'published_at'

/** A product with everything that changes together; the row of `products` is its lock. */
export interface Product extends Omit<ProductRow, Rendered | 'attributes' | 'media'> {
  attributes: Attributes
  media: Medium[]
  categoryIds: string[]
  variants: Variant[]
  createdAt: Date
  updatedAt: Date
  publishedAt: Date | null
}

export interface Fault {
  kind: 'wrong-state' | 'currency-mismatch' | 'unprocessable'
  path: string
  message: string
}

export const activeVariants = (product: Product) => product.variants.filter((variant) => !variant.deleted)

/** The "from" price that lists show; null while there is no variant. */
export const lowestPrice = (product: Product): Money | null =>
  activeVariants(product).reduce<Money | null>(
    (lowest, { price }) => (lowest && lowest.amount <= price.amount ? lowest : price),
    null,
  )

const AVAILABILITY: readonly StockStatus[] = ['in_stock', 'low_stock', 'out_of_stock']

export const stockStatusOf = (product: Product): StockStatus =>
  AVAILABILITY.find((status) => activeVariants(product).some((variant) => variant.stockStatus === status)) ??
  'out_of_stock'

export const findFaults = (product: Product): Fault[] => {
  const faults: Fault[] = []
  const fault = (kind: Fault['kind'], message: string) => faults.push({ kind, path: 'variants', message })
  const [first, ...rest] = activeVariants(product)
  if (product.status === 'published' && !first)
    fault('wrong-state', 'a published product has at least one variant')
  // Lists show and sort by the lowest variant price, which exists in one currency only.
  if (first && rest.some(({ price }) => price.currency !== first.price.currency))
    fault('currency-mismatch', 'all variants of a product have their prices in one currency')
  if (rest.length >= MAX_VARIANTS) fault('unprocessable', `a product has at most ${MAX_VARIANTS} variants`)
  return faults
}

/** What decides whether anything changed: all but what is named here, so that a new field counts by itself. */
const comparableState = ({
  version: _v,
  createdAt: _c,
  updatedAt: _u,
  publishedAt: _p,
  ...product
}: Product) => ({
  ...product,
  variants: product.variants.map(({ lowestBefore: _l, stockStatus: _s, ...variant }) => variant),
})

export const isSameProduct = (a: Product, b: Product) =>
  isDeepStrictEqual(comparableState(a), comparableState(b))

export const newProduct = (
  own: Pick<Product, 'id' | 'slug' | 'name'> & Partial<Pick<Product, 'handle' | 'status'>>,
  at: Date,
): Product => ({
  handle: null,
  description: '',
  status: 'draft',
  attributes: {},
  media: [],
  categoryIds: [],
  variants: [],
  version: 0,
  createdAt: at,
  updatedAt: at,
  publishedAt: own.status === 'published' ? at : null,
  ...own,
})

/** What a merchant may set of a product besides its status and variants. */
export type ProductEdits = Static<typeof ProductPatch>

/** Sets every field that the edits have, as it is stored; what is absent stays. */
export const withEdits = (product: Product, { name, media, ...edits }: ProductEdits): Product => ({
  ...product,
  ...edits,
  name: name?.trim() ?? product.name,
  media: media?.map(({ url, alt = '' }) => ({ url, alt })) ?? product.media,
})

/** Replaces the variant with this SKU, or adds it. */
export const withVariant = (product: Product, variant: Variant): Product => ({
  ...product,
  variants: product.variants.some(({ sku }) => sku === variant.sku)
    ? product.variants.map((present) => (present.sku === variant.sku ? variant : present))
    : [...product.variants, variant],
})

/** `publishedAt` keeps the first time. */
export const withStatus = (product: Product, status: ProductStatus, at: Date): Product => ({
  ...product,
  status,
  publishedAt: product.publishedAt ?? (status === 'published' ? at : null),
})

/** Deleted for everyone; the row keeps its SKUs for ever and frees the slug by taking its id instead. */
export const asDeleted = (product: Product): Product => ({
  ...product,
  status: 'deleted',
  slug: product.id,
  categoryIds: [],
  variants: product.variants.map((variant) => ({ ...variant, deleted: true })),
})

export const toPublicVariant = ({ sku, name, attributes, price, lowestBefore, stockStatus }: Variant) => ({
  sku,
  name,
  attributes,
  price,
  lowestPrice30Days: { amount: lowestBefore, currency: price.currency },
  stockStatus,
})

/** A product as lists show it, as the JSON text that is stored with it. */
export const renderSummary = (product: Product): string =>
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
    variants: activeVariants(product).map(toPublicVariant),
    createdAt: product.createdAt,
    updatedAt: product.updatedAt,
    publishedAt: product.publishedAt,
  })

/** The whole product: its summary and what lists leave out. */
export const renderProduct = (summary: string, { description }: Pick<Product, 'description'>): string =>
  `${summary.slice(0, -1)},"description":${JSON.stringify(description)}}`

import { normaliseSku, type StockStatus } from '@storewright/contracts'
import type { Static } from 'typebox'
import { tidyAttributes, type Attributes } from '../attributes.ts'
import type { ProductRow, ProductStatus } from '../database.ts'
import { MAX_VARIANTS, type Seo } from '../field-schemas.ts'
import { tidyMetadata, type Metadata } from '../metadata.ts'
import { MAX_CURRENCIES } from '../price-schemas.ts'
import type { ProductPatch } from '../schemas.ts'
import { findFieldFaults } from './field-faults.ts'
import { fitOptions, spellOptions, tidyOptions, type OptionValues, type ProductOption } from './options.ts'
import { currenciesOf, lowestOf, type VariantPrice } from './variant-prices.ts'

export interface Medium {
  url: string
  alt: string
}

export interface Variant {
  sku: string
  name: string
  attributes: Attributes
  options: OptionValues
  /** By currency, at least one. */
  prices: VariantPrice[]
  /** Of one unit, packed; null where it is not known. */
  weightGrams: number | null
  /** A deleted variant stays, so that its SKU never moves to another product. */
  deleted: boolean
  stockStatus: StockStatus
}

type Columns = 'attributes' | 'options' | 'media' | 'seo' | 'metadata'
type Rendered = 'rendered' | 'popularity' | 'created_at' | 'updated_at' | 'published_at'

/** A product with everything that changes together; the row of `products` is its lock. */
export interface Product extends Omit<ProductRow, Rendered | Columns> {
  attributes: Attributes
  options: ProductOption[]
  media: Medium[]
  seo: Seo
  metadata: Metadata
  categoryIds: string[]
  variants: Variant[]
  createdAt: Date
  updatedAt: Date
  publishedAt: Date | null
}

export interface Fault {
  kind: 'wrong-state' | 'unprocessable'
  path: string
  message: string
}

export const activeVariants = (product: Product) => product.variants.filter((variant) => !variant.deleted)

/** The "from" price that lists show; null while no variant has a price in this currency. */
export const lowestPriceIn = (product: Product, currency: string): VariantPrice | null =>
  lowestOf(activeVariants(product), currency)

const AVAILABILITY: readonly StockStatus[] = ['in_stock', 'low_stock', 'out_of_stock']

export const stockStatusOf = (product: Product): StockStatus =>
  AVAILABILITY.find((status) => activeVariants(product).some((variant) => variant.stockStatus === status)) ??
  'out_of_stock'

/** What is wrong with a product; `before` is the product as it was stored. Paths are those of the product as it is read. */
export const findFaults = (product: Product, before: Product | null = null): Fault[] => {
  const faults: Fault[] = findFieldFaults(product, before).map((fault) => ({
    kind: 'unprocessable',
    ...fault,
  }))
  const fault = (kind: Fault['kind'], message: string) => faults.push({ kind, path: 'variants', message })
  const variants = activeVariants(product)
  if (product.status === 'published' && variants.length === 0)
    fault('wrong-state', 'a published product has at least one variant')
  if (variants.length > MAX_VARIANTS) fault('unprocessable', `a product has at most ${MAX_VARIANTS} variants`)
  for (const { sku, prices } of variants) {
    if (prices.length === 0) fault('unprocessable', `${sku} needs a price`)
    if (prices.some(({ amount, compareAt }) => compareAt !== null && compareAt <= amount))
      fault('unprocessable', `the compare-at price of ${sku} is not above its price`)
  }
  if (currenciesOf(variants).length > MAX_CURRENCIES)
    fault('unprocessable', `a product has prices in at most ${MAX_CURRENCIES} currencies`)
  return faults
}

export const newProduct = (
  own: Pick<Product, 'id' | 'slug' | 'name'> & Partial<Pick<Product, 'handle' | 'status'>>,
  at: Date,
): Product => ({
  handle: null,
  description: '',
  status: 'draft',
  attributes: {},
  options: [],
  media: [],
  seo: {},
  metadata: {},
  categoryIds: [],
  variants: [],
  version: 0,
  revision: 0,
  createdAt: at,
  updatedAt: at,
  publishedAt: own.status === 'published' ? at : null,
  ...own,
})

/** Sets the options of a product and keeps its variants in step; `stated` names the values of some variants. */
const withOptions = (
  product: Product,
  options: ProductOption[] = product.options,
  stated: { sku: string; options: OptionValues }[],
): Pick<Product, 'options' | 'variants'> => {
  const bySku = new Map(stated.map((variant) => [normaliseSku(variant.sku), variant.options]))
  const fit = ({ sku, options: present }: Variant) => {
    const values = bySku.get(sku)
    return values ? spellOptions(options, values) : fitOptions(options, present)
  }
  return {
    options,
    variants: product.variants.map((variant) =>
      variant.deleted ? variant : { ...variant, options: fit(variant) },
    ),
  }
}

/** What a merchant may set of a product besides its status and variants. */
export type ProductEdits = Static<typeof ProductPatch>

/** A variant that is named as the product is renamed with it. */
const withName = (product: Product, name: string): Product => ({
  ...product,
  name,
  variants: product.variants.map((variant) =>
    variant.name === product.name ? { ...variant, name } : variant,
  ),
})

/** Sets every field that the edits have, as it is stored; what is absent stays. */
export const withEdits = (before: Product, { name, ...edits }: ProductEdits): Product =>
  withFields(name === undefined ? before : withName(before, name.trim()), edits)

const withFields = (
  product: Product,
  { attributes, options, media, metadata, variants, ...edits }: Omit<ProductEdits, 'name'>,
): Product => ({
  ...product,
  ...edits,
  attributes: attributes ? tidyAttributes(attributes) : product.attributes,
  media: media?.map(({ url, alt = '' }) => ({ url, alt })) ?? product.media,
  metadata: metadata ? tidyMetadata(metadata) : product.metadata,
  ...((options ?? variants) && withOptions(product, options && tidyOptions(options), variants ?? [])),
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

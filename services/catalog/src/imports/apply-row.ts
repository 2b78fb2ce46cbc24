import { isCurrency, type Money } from '@storewright/contracts'
import type { FieldError } from '@storewright/service-kit/http'
import {
  activeVariants,
  findFaults,
  withEdits,
  withStatus,
  withVariant,
  type Attributes,
  type Medium,
  type Product,
  type Variant,
} from '../products/product.ts'
import { priceIn, withPrices } from '../products/variant-prices.ts'
import { MAX_ATTRIBUTES } from '../schemas.ts'
import { toMinorUnits } from './row.ts'
import type { ImportRow, RowVariant } from './row.ts'

export interface ImportContext {
  at: Date
  /** True when no earlier row of this file was of the product: only the first sets what its variants share. */
  isFirst: boolean
  categoryIds: string[] | undefined
  stockOf(sku: string): Variant['stockStatus']
}

export type Applied = { product: Product; outcome: 'created' | 'updated' } | { errors: FieldError[] }

const pathOf = ({ format }: ImportRow, index: number, field: string) =>
  format === 'csv' ? field : `variants.${index}.${field}`

/** A row's price in minor units; undefined where it has none. */
const priceOf = (
  { price }: RowVariant,
  present: Variant | undefined,
): Money | undefined | { field: string; fault: string } => {
  if (price === undefined) return undefined
  if ('amount' in price) return price
  const [only, ...others] = present?.prices ?? []
  const currency = price.currency ?? (others.length === 0 ? only?.currency : undefined)
  if (currency === undefined) return { field: 'currency', fault: 'is required' }
  if (!isCurrency(currency)) return { field: 'currency', fault: 'is no ISO 4217 currency' }
  const amount = toMinorUnits(price.major, currency)
  return typeof amount === 'number' ? { amount, currency } : { field: 'price', fault: amount.fault }
}

/** The stated attributes that neither the product nor the variant has yet. */
const newAttributes = (stated: Attributes, product: Product, variant: Variant): Attributes => {
  const present = { ...product.attributes, ...variant.attributes }
  return Object.fromEntries(Object.entries(stated).filter(([name, value]) => present[name] !== value))
}

const firstPicture = (media: Medium[], image: string): Medium[] =>
  media[0]?.url === image ? media : [{ url: image, alt: '' }, ...media.slice(1)]

const withShared = (
  product: Product,
  row: ImportRow,
  { at, isFirst, categoryIds }: ImportContext,
): Product => {
  if (!isFirst) return product
  const edited = withEdits(product, row.edits)
  const shared: Product = {
    ...edited,
    media: row.image === undefined ? edited.media : firstPicture(edited.media, row.image),
    // The one category of a row may be one of several that the product is in already.
    categoryIds:
      row.category && categoryIds?.every((id) => product.categoryIds.includes(id))
        ? product.categoryIds
        : (categoryIds ?? product.categoryIds),
  }
  return row.status === undefined ? shared : withStatus(shared, row.status, at)
}

/** Puts a CSV row's attributes on a product that is its only variant, otherwise on the variant. */
const withCsvAttributes = (product: Product, row: ImportRow, variant: Variant): Product => {
  const stated = newAttributes(row.variants[0]?.attributes ?? {}, product, variant)
  if (Object.keys(stated).length === 0) return product
  const isAlone = row.handle === undefined && activeVariants(product).length === 1
  const own = Object.entries(stated).filter(([name]) => !isAlone || name in variant.attributes)
  const shared = Object.entries(stated).filter(([name]) => isAlone && !(name in variant.attributes))
  return withVariant(
    { ...product, attributes: { ...product.attributes, ...Object.fromEntries(shared) } },
    { ...variant, attributes: { ...variant.attributes, ...Object.fromEntries(own) } },
  )
}

const withRowVariant = (
  product: Product,
  row: ImportRow,
  index: number,
  { stockOf }: ImportContext,
): { product: Product; isNew: boolean; errors: FieldError[] } => {
  const stated = row.variants[index]!
  const present = product.variants.find(({ sku }) => sku === stated.sku)
  const isNew = !present || present.deleted
  const errors: FieldError[] = []
  const price = priceOf(stated, present)
  if (price && 'fault' in price) errors.push({ path: pathOf(row, index, price.field), message: price.fault })
  if (price === undefined && isNew) errors.push({ path: pathOf(row, index, 'price'), message: 'is required' })
  if (row.format === 'csv' && stated.name === undefined && isNew)
    errors.push({ path: 'name', message: 'is required' })
  if (errors.length > 0) return { product, isNew, errors }

  const name = stated.name ?? (isNew ? product.name : present.name)
  const prices = present && !present.deleted ? present.prices : []
  const set = price && 'amount' in price ? [price] : []
  const variant: Variant = {
    sku: stated.sku,
    name,
    attributes:
      row.format === 'json' ? (stated.attributes ?? present?.attributes ?? {}) : (present?.attributes ?? {}),
    prices: withPrices(
      prices,
      set.map((one) => ({ ...one, compareAt: priceIn({ prices }, one.currency)?.compareAt ?? null })),
    ),
    deleted: false,
    stockStatus: present?.stockStatus ?? stockOf(stated.sku),
  }
  // A product that has its variant's name is renamed with it.
  const renamed = row.format === 'csv' && present?.name === product.name ? { ...product, name } : product
  const whole = withVariant(renamed, variant)
  return { product: row.format === 'csv' ? withCsvAttributes(whole, row, variant) : whole, isNew, errors }
}

/** A product after a row; `product` is as it was found, or a new one without variants. */
export const applyRow = (product: Product, row: ImportRow, context: ImportContext): Applied => {
  let after = withShared(product, row, context)
  const errors: FieldError[] = []
  let created = false
  row.variants.forEach((_variant, index) => {
    const applied = withRowVariant(after, row, index, context)
    after = applied.product
    created ||= applied.isNew
    errors.push(...applied.errors)
  })
  if (errors.length > 0) return { errors }
  const path = row.format === 'csv' ? 'sku' : 'variants'
  errors.push(...findFaults(after).map(({ message }) => ({ path, message })))
  const most = Math.max(...[after, ...after.variants].map(({ attributes }) => Object.keys(attributes).length))
  if (most > MAX_ATTRIBUTES) errors.push({ path: 'attributes', message: `are more than ${MAX_ATTRIBUTES}` })
  return errors.length > 0 ? { errors } : { product: after, outcome: created ? 'created' : 'updated' }
}

import type { FieldError } from '@storewright/service-kit/http'
import {
  attributeNameKey,
  attributeText,
  tidyAttributes,
  type Attributes,
  type AttributeValue,
} from '../attributes.ts'
import {
  attributeFromText,
  findMisfits,
  mergeDefinitions,
  type Definitions,
} from '../categories/definitions.ts'
import { MAX_ATTRIBUTES } from '../field-schemas.ts'
import { spellOptions, type OptionValues } from '../products/options.ts'
import {
  activeVariants,
  findFaults,
  withEdits,
  withStatus,
  withVariant,
  type Medium,
  type Product,
  type ProductEdits,
  type Variant,
} from '../products/product.ts'
import { isSameAttributed } from '../products/require-fit.ts'
import { VARIANT_OPTIONS } from './columns.ts'
import { resolvePrices } from './row-prices.ts'
import { isSameText, type ImportRow } from './row.ts'

export interface ImportContext {
  at: Date
  /** True when no earlier row of this file was of the product: only the first sets what its variants share. */
  isFirst: boolean
  categoryIds: string[] | undefined
  /** The typed attributes of a category, also of one that is still to be made. */
  definitionsOf(categoryId: string): Definitions
  /** Of all rows of the product: its options can only be changed together with those of its variants. */
  variantOptions: { sku: string; options: OptionValues }[]
  stockOf(sku: string): Variant['stockStatus']
}

export type Applied = { product: Product; outcome: 'created' | 'updated' } | { errors: FieldError[] }

const pathOf = ({ format }: ImportRow, index: number, field: string) =>
  format === 'csv' ? field : `variants.${index}.${field}`

/** The stated attributes that neither the product nor the variant has yet, with the type and the spelling they have here. */
const newAttributes = (
  stated: Attributes,
  product: Product,
  variant: Variant,
  { definitionsOf }: ImportContext,
): [string, AttributeValue][] => {
  const { merged } = mergeDefinitions(product.categoryIds.map(definitionsOf))
  const present = new Map(
    Object.entries({ ...product.attributes, ...variant.attributes }).map(([name, value]) => [
      attributeNameKey(name),
      { name, value },
    ]),
  )
  return Object.entries(stated).flatMap(([name, value]): [string, AttributeValue][] => {
    const key = attributeNameKey(name)
    const known = present.get(key)
    const text = attributeText(value)
    if (known && isSameText(attributeText(known.value), text)) return []
    return [[known?.name ?? name, attributeFromText(merged.get(key), text)]]
  })
}

/** A row's edits without the texts of a CSV file that differ from the product's in their line ends alone. */
const statedEdits = (product: Product, { format, edits }: ImportRow): ProductEdits => {
  if (format === 'json') return edits
  const isStated = ([field, value]: [string, unknown]) => {
    const present = product[field as keyof ProductEdits]
    return typeof value !== 'string' || typeof present !== 'string' || !isSameText(value, present)
  }
  return Object.fromEntries(Object.entries(edits).filter(isStated))
}

const firstPicture = (media: Medium[], image: string): Medium[] =>
  media[0]?.url === image ? media : [{ url: image, alt: '' }, ...media.slice(1)]

const withShared = (
  product: Product,
  row: ImportRow,
  { at, isFirst, categoryIds, variantOptions }: ImportContext,
): Product => {
  if (!isFirst) return product
  const edits = statedEdits(product, row)
  const edited = withEdits(product, edits.options ? { ...edits, variants: variantOptions } : edits)
  const isKept = row.isOneCategory && categoryIds?.every((id) => product.categoryIds.includes(id))
  const shared: Product = {
    ...edited,
    media: row.image === undefined ? edited.media : firstPicture(edited.media, row.image),
    categoryIds: isKept ? product.categoryIds : (categoryIds ?? product.categoryIds),
  }
  return row.status === undefined ? shared : withStatus(shared, row.status, at)
}

const without = (attributes: Attributes, names: string[]): Attributes => {
  const keys = new Set(names.map(attributeNameKey))
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !keys.has(attributeNameKey(name))))
}

/** Puts a CSV row's attributes on a product that is its only variant, otherwise on the variant. */
const withCsvAttributes = (
  given: Product,
  row: ImportRow,
  stored: Variant,
  context: ImportContext,
): Product => {
  const cleared = row.variants[0]?.cleared ?? []
  const variant = { ...stored, attributes: without(stored.attributes, cleared) }
  const product = withVariant(
    context.isFirst ? { ...given, attributes: without(given.attributes, cleared) } : given,
    variant,
  )
  const stated = newAttributes(row.variants[0]?.attributes ?? {}, product, variant, context)
  if (stated.length === 0) return product
  const isAlone = row.handle === undefined && activeVariants(product).length === 1
  const isOwn = ([name]: [string, AttributeValue]) => !isAlone || Object.hasOwn(variant.attributes, name)
  const own = stated.filter(isOwn)
  const shared = stated.filter((entry) => !isOwn(entry))
  return withVariant(
    { ...product, attributes: { ...product.attributes, ...Object.fromEntries(shared) } },
    { ...variant, attributes: { ...variant.attributes, ...Object.fromEntries(own) } },
  )
}

const withRowVariant = (
  product: Product,
  row: ImportRow,
  index: number,
  context: ImportContext,
): { product: Product; isNew: boolean; errors: FieldError[] } => {
  const stated = row.variants[index]!
  const present = product.variants.find(({ sku }) => sku === stated.sku)
  const isNew = !present || present.deleted
  const errors: FieldError[] = []
  const known = isNew ? [] : present.prices
  const priced = stated.prices ? resolvePrices(stated.prices, known) : { prices: known }
  if ('errors' in priced) errors.push(...priced.errors)
  else if (priced.prices.length === 0)
    errors.push({ path: pathOf(row, index, 'price'), message: 'is required' })
  if (row.format === 'csv' && stated.name === undefined && isNew)
    errors.push({ path: 'name', message: 'is required' })
  if (errors.length > 0 || 'errors' in priced) return { product, isNew, errors }

  const name = stated.name ?? (isNew ? product.name : present.name)
  const variant: Variant = {
    sku: stated.sku,
    name,
    attributes:
      row.format === 'json' && stated.attributes
        ? tidyAttributes(stated.attributes)
        : (present?.attributes ?? {}),
    options: stated.options ? spellOptions(product.options, stated.options) : (present?.options ?? {}),
    prices: priced.prices,
    weightGrams: stated.weightGrams === undefined ? (present?.weightGrams ?? null) : stated.weightGrams,
    deleted: false,
    stockStatus: present?.stockStatus ?? context.stockOf(stated.sku),
  }
  // A product that has its variant's name is renamed with it.
  const renamed = row.format === 'csv' && present?.name === product.name ? { ...product, name } : product
  const whole = withVariant(renamed, variant)
  return {
    product: row.format === 'csv' ? withCsvAttributes(whole, row, variant, context) : whole,
    isNew,
    errors,
  }
}

/** The path of a fault of the product in the row; one of a variant that the row does not state is one of `variants`. */
const pathInRow = ({ format, variants }: ImportRow, product: Product, path: string): string => {
  const [, index, rest] = /^variants\.(\d+)\.(.*)$/s.exec(path) ?? []
  if (format === 'csv')
    return rest?.replace(/^options/, VARIANT_OPTIONS) ?? (path === 'variants' ? 'sku' : path)
  if (index === undefined) return path
  const sku = activeVariants(product)[Number(index)]?.sku
  const stated = variants.findIndex((variant) => variant.sku === sku)
  return stated < 0 ? 'variants' : `variants.${stated}.${rest}`
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
  const misfits = isSameAttributed(after, product) ? [] : findMisfits(after, context.definitionsOf)
  errors.push(
    ...[...findFaults(after, product), ...misfits].map(({ path, message }) => ({
      path: pathInRow(row, after, path),
      message,
    })),
  )
  const most = Math.max(...[after, ...after.variants].map(({ attributes }) => Object.keys(attributes).length))
  if (most > MAX_ATTRIBUTES) errors.push({ path: 'attributes', message: `are more than ${MAX_ATTRIBUTES}` })
  return errors.length > 0 ? { errors } : { product: after, outcome: created ? 'created' : 'updated' }
}

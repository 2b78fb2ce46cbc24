import { normaliseSku, SkuInput } from '@storewright/contracts'
import { readLines } from '@storewright/runtime/csv'
import { compileSchema, fieldErrors, type FieldError } from '@storewright/service-kit/http'
import { Type, type Static } from 'typebox'
import { Attributes, MAX_VARIANTS, VariantOptions, Weight } from '../field-schemas.ts'
import { ImportedPrices } from '../price-schemas.ts'
import { Name, ProductPatch, ProductStatus } from '../schemas.ts'
import { NOTHING } from './columns.ts'
import { isReservedSlug } from '../slug.ts'
import { fromJson } from './row-prices.ts'
import { MAX_CATEGORIES, readHandle, readPaths, type ReadLine } from './row.ts'

const ImportedVariant = Type.Object(
  {
    sku: SkuInput,
    name: Type.Optional(Name),
    ...ImportedPrices,
    attributes: Type.Optional(Attributes),
    options: Type.Optional(VariantOptions),
    weightGrams: Type.Optional(Type.Union([Weight, Type.Null()])),
  },
  { additionalProperties: false },
)

const Path = Type.String({ maxLength: 1_200, description: 'made if missing', examples: ['Home > Kitchen'] })

/** A product as it is posted, with some columns of the CSV; what is absent stays as it is. */
const ImportedProduct = Type.Object(
  {
    ...ProductPatch.properties,
    product: Type.Optional(Type.String({ maxLength: 200, description: 'handle' })),
    category: Type.Optional(Type.Union([Path, Type.Null()])),
    categories: Type.Optional(Type.Array(Path, { maxItems: MAX_CATEGORIES })),
    status: Type.Optional(ProductStatus),
    variants: Type.Array(ImportedVariant, { maxItems: MAX_VARIANTS }),
  },
  { additionalProperties: false },
)

const check = compileSchema(ImportedProduct, { coerce: false })

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const EMPTY_PRODUCT = new Map([...NOTHING, ['attributes', {}], ['categories', []], ['categoryIds', []]])
const EMPTY_VARIANT = new Map<string, unknown>([
  ['attributes', {}],
  ['options', {}],
])

/** With what is empty in the place of each null. */
const withoutNulls = (value: unknown, empty: Map<string, unknown>): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value).map(([name, field]: [string, unknown]) => [
          name,
          field === null && empty.has(name)
            ? empty.get(name)
            : name === 'variants' && Array.isArray(field)
              ? field.map((variant) => withoutNulls(variant, EMPTY_VARIANT))
              : field,
        ]),
      )

const findFaults = (product: Static<typeof ImportedProduct>, skus: string[]): FieldError[] => {
  const errors: FieldError[] = []
  if (product.slug !== undefined && isReservedSlug(product.slug))
    errors.push({ path: 'slug', message: 'is the form of an id or a part of another path' })
  if (product.variants.length === 0 && product.slug === undefined && product.product === undefined)
    errors.push({ path: 'variants', message: 'are what finds a product that has no slug or handle here' })
  const stated = (['category', 'categories', 'categoryIds'] as const).filter(
    (name) => product[name] !== undefined,
  )
  if (stated[0] && stated[1]) errors.push({ path: stated[0], message: `and ${stated[1]} exclude each other` })
  skus.forEach((sku, index) => {
    if (skus.indexOf(sku) < index)
      errors.push({ path: `variants.${index}.sku`, message: 'stands twice in this product' })
  })
  return errors
}

export const toRow = (line: number, text: string): ReadLine => {
  const value = parse(text)
  if (value === undefined) return { line, errors: [{ path: '', message: 'is not JSON' }] }
  const checked = check(withoutNulls(value, EMPTY_PRODUCT))
  if ('error' in checked) return { line, errors: fieldErrors(checked.error) }
  const imported = checked.value as Static<typeof ImportedProduct>
  const {
    product,
    category: path,
    categories = path === undefined ? undefined : path === null ? [] : [path],
    status,
    variants: inputs,
    ...edits
  } = imported
  const priced = inputs.map((input, index) => fromJson(input, `variants.${index}.`))
  const variants = inputs.map(
    ({ sku, name, price: _p, compareAtPrice: _c, prices: _s, ...variant }, index) => ({
      ...variant,
      name: name?.trim(),
      sku: normaliseSku(sku) ?? '',
      prices: priced[index]?.prices,
    }),
  )
  const errors = findFaults(
    imported,
    variants.map(({ sku }) => sku),
  ).concat(priced.flatMap((one) => one.errors))
  const read = categories === undefined ? undefined : readPaths(categories)
  if (read && 'fault' in read)
    errors.push({ path: path === undefined ? 'categories' : 'category', message: read.fault })
  const handle = product === undefined ? undefined : readHandle(product)
  if (handle && 'fault' in handle) errors.push({ path: 'product', message: handle.fault })
  if (errors.length > 0) return { line, errors }
  return {
    row: {
      line,
      characters: text.length,
      format: 'json',
      handle: handle && 'handle' in handle ? handle.handle : undefined,
      edits,
      status,
      categories: read && 'paths' in read ? read.paths : undefined,
      isOneCategory: typeof path === 'string',
      variants,
    },
  }
}

/** A product of 100 variants with all that the API takes fits. */
const MAX_LINE_KIB = 8 * 1024

export async function* ndjsonRows(source: AsyncIterable<Buffer>): AsyncGenerator<ReadLine[]> {
  for await (const lines of readLines(source, { maxLineKiB: MAX_LINE_KIB }))
    yield lines.flatMap((read): ReadLine[] => {
      if ('fault' in read) return [{ line: read.line, errors: [{ path: '', message: read.fault }] }]
      return read.text.trim() === '' ? [] : [toRow(read.line, read.text)]
    })
}

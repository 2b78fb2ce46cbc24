import { isCurrency, normaliseSku, Price, SkuInput } from '@storewright/contracts'
import { readLines } from '@storewright/runtime/csv'
import { compileSchema, fieldErrors, type FieldError } from '@storewright/service-kit/http'
import { Type, type Static } from 'typebox'
import { parsePath } from '../categories/category.ts'
import { Attributes, MAX_VARIANTS, Name, ProductPatch, ProductStatus } from '../schemas.ts'
import { isReservedSlug } from '../slug.ts'
import type { ReadLine } from './row.ts'

const ImportedVariant = Type.Object(
  {
    sku: SkuInput,
    name: Type.Optional(Name),
    price: Type.Optional(Price),
    attributes: Type.Optional(Attributes),
  },
  { additionalProperties: false },
)

/** A product as it is posted, with some columns of the CSV; what is absent stays as it is. */
const ImportedProduct = Type.Object(
  {
    ...ProductPatch.properties,
    product: Type.Optional(Type.String({ minLength: 1, maxLength: 120, description: 'handle' })),
    category: Type.Optional(Type.String({ maxLength: 1_200, description: 'path, made if missing' })),
    status: Type.Optional(ProductStatus),
    variants: Type.Array(ImportedVariant, { minItems: 1, maxItems: MAX_VARIANTS }),
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

const findFaults = (product: Static<typeof ImportedProduct>, skus: string[]): FieldError[] => {
  const errors: FieldError[] = []
  if (product.slug !== undefined && isReservedSlug(product.slug))
    errors.push({ path: 'slug', message: 'is the form of an id or a part of another path' })
  if (product.category !== undefined && product.categoryIds !== undefined)
    errors.push({ path: 'category', message: 'and categoryIds exclude each other' })
  product.variants.forEach(({ price }, index) => {
    if (skus.indexOf(skus[index]!) < index)
      errors.push({ path: `variants.${index}.sku`, message: 'stands twice in this product' })
    if (price && !isCurrency(price.currency))
      errors.push({ path: `variants.${index}.price.currency`, message: 'is no ISO 4217 currency' })
  })
  return errors
}

export const toRow = (line: number, text: string): ReadLine => {
  const value = parse(text)
  if (value === undefined) return { line, errors: [{ path: '', message: 'is not JSON' }] }
  const checked = check(value)
  if ('error' in checked) return { line, errors: fieldErrors(checked.error) }
  const imported = checked.value as Static<typeof ImportedProduct>
  const { product: handle, category: path, status, variants: inputs, ...edits } = imported
  const variants = inputs.map((variant) => ({
    ...variant,
    name: variant.name?.trim(),
    sku: normaliseSku(variant.sku) ?? '',
  }))
  const errors = findFaults(
    imported,
    variants.map(({ sku }) => sku),
  )
  const category = path === undefined ? undefined : parsePath(path)
  if (category && 'fault' in category) errors.push({ path: 'category', message: category.fault })
  if (errors.length > 0) return { line, errors }
  return {
    row: {
      line,
      characters: text.length,
      format: 'json',
      handle,
      edits,
      status,
      category: category && 'names' in category ? category.names : undefined,
      variants,
    },
  }
}

export async function* ndjsonRows(source: AsyncIterable<Buffer>): AsyncGenerator<ReadLine[]> {
  for await (const lines of readLines(source))
    yield lines.flatMap((read): ReadLine[] => {
      if ('fault' in read) return [{ line: read.line, errors: [{ path: '', message: read.fault }] }]
      return read.text.trim() === '' ? [] : [toRow(read.line, read.text)]
    })
}

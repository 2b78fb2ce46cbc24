import { isCurrency } from '@storewright/contracts'
import { compileSchema, fieldErrors, type FieldError } from '@storewright/service-kit/http'
import type { TSchema } from 'typebox'
import { attributeNameKey } from '../attributes.ts'
import { ATTRIBUTE_NAME, VariantOptions } from '../field-schemas.ts'
import { tidyName } from '../names.ts'
import type { ProductEdits } from '../products/product.ts'
import { ProductPatch } from '../schemas.ts'

/** Columns whose cells are not simply a field of the product; in the order of an export. */
const FIRST = ['sku', 'product', 'name'] as const
const LAST = ['category', 'price', 'currency', 'status', 'image'] as const
/** Of an export only where a product has one, or of none: `clear` names what its row empties. */
const OPTIONAL = ['compareAtPrice', 'weightGrams', 'clear'] as const
export type OwnColumn = (typeof FIRST)[number] | (typeof LAST)[number] | (typeof OPTIONAL)[number]

type Edits = Required<ProductEdits>
/** Categories are paths, attributes have columns of their own, the name is the variant's, and a SKU finds its product. */
const NO_COLUMN = ['name', 'slug', 'attributes', 'categoryIds', 'variants'] as const
type Shown = Exclude<keyof Edits, (typeof NO_COLUMN)[number]>
type TextField = { [Field in Shown]: Edits[Field] extends string ? Field : never }[Shown]

type Field = TSchema & { type?: string; maxLength?: number }
const fields = Object.entries<Field>(ProductPatch.properties).filter(
  ([name]) => !(NO_COLUMN as readonly string[]).includes(name),
)
const isText = ({ type }: Field) => type === 'string'

/** Fields of the product that are free text: each is a column of its name, a new one too. Kept as they are, untrimmed. */
export const TEXTS = fields.filter(([, schema]) => isText(schema)).map(([name]) => name as TextField)
/** Fields of the product that are more than a text: each is a column of its name with JSON in its cells. */
export const JSONS = fields
  .filter(([, schema]) => !isText(schema))
  .map(([name]) => name as Exclude<Shown, TextField>)

/** What fields of the product are when they are emptied. */
export const NOTHING = new Map<string, unknown>(
  fields.map(([name, schema]) => [name, isText(schema) ? '' : schema.type === 'array' ? [] : {}]),
)

export const ATTRIBUTE_PREFIX = 'attributes.'
const MAX_ATTRIBUTE = 255

type JsonReader = (text: string) => { value: unknown } | { errors: FieldError[] }

/** A variant's value of each option of its product, as JSON. */
export const VARIANT_OPTIONS = 'variant.options'

export type Column = { name: string; maxLength?: number | undefined } & (
  | { kind: 'own'; name: OwnColumn }
  | { kind: 'text' }
  | { kind: 'attribute' }
  | { kind: 'price'; currency: string; of: 'amount' | 'compareAt' }
  | { kind: 'variant-options'; read: JsonReader }
  | { kind: 'json'; read: JsonReader }
)

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A reader for cells with JSON that fits `schema`. */
const jsonReader = (name: string, schema: TSchema): JsonReader => {
  const check = compileSchema(schema, { coerce: false })
  return (text) => {
    const value = parse(text)
    if (value === undefined) return { errors: [{ path: name, message: 'is not JSON' }] }
    const checked = check(value)
    if (!('error' in checked)) return checked
    return {
      errors: fieldErrors(checked.error).map(({ path, message }) => ({
        path: path === '' ? name : `${name}.${path}`,
        message,
      })),
    }
  }
}

const LIMITS = new Map<OwnColumn, number>([
  ['name', 200],
  ['image', 2_048],
])

const known = new Map<string, Column>([
  [
    VARIANT_OPTIONS,
    { kind: 'variant-options', name: VARIANT_OPTIONS, read: jsonReader(VARIANT_OPTIONS, VariantOptions) },
  ],
  ...[...FIRST, ...LAST, ...OPTIONAL].map((name): [string, Column] => [
    name,
    { kind: 'own', name, maxLength: LIMITS.get(name) },
  ]),
  ...fields.map(([name, schema]): [string, Column] => [
    name,
    isText(schema)
      ? { kind: 'text', name, maxLength: schema.maxLength }
      : { kind: 'json', name, read: jsonReader(name, schema) },
  ]),
])

/** Columns with equal keys are one column. */
export const columnKey = ({ kind, name }: Column) =>
  kind === 'attribute' ? ATTRIBUTE_PREFIX + attributeNameKey(name.slice(ATTRIBUTE_PREFIX.length)) : name

export const COLUMNS = [...FIRST, ...TEXTS, ...LAST]

const isAttribute = new RegExp(ATTRIBUTE_NAME, 'u')

const PRICE = /^(price|compareAtPrice)\.([A-Z]{3})$/

const priceColumn = (name: string): Column | undefined => {
  const [, field, currency = ''] = PRICE.exec(name) ?? []
  if (!isCurrency(currency)) return undefined
  return { kind: 'price', name, currency, of: field === 'price' ? 'amount' : 'compareAt' }
}

/** The column that a header's cell names; undefined where there is none. */
export const findColumn = (cell: string): Column | undefined => {
  const name = cell.trim()
  if (!name.startsWith(ATTRIBUTE_PREFIX)) return known.get(name) ?? priceColumn(name)
  const attribute = tidyName(name.slice(ATTRIBUTE_PREFIX.length))
  return isAttribute.test(attribute)
    ? { kind: 'attribute', name: ATTRIBUTE_PREFIX + attribute, maxLength: MAX_ATTRIBUTE }
    : undefined
}

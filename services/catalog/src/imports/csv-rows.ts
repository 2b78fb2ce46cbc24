import { normaliseSku } from '@storewright/contracts'
import { readCsv } from '@storewright/runtime/csv'
import { Problem, type FieldError } from '@storewright/service-kit/http'
import type { TSchema } from 'typebox'
import { parsePath } from '../categories/category.ts'
import type { Attributes, ProductEdits } from '../products/product.ts'
import { ATTRIBUTE_NAME, ProductPatch, ProductStatus } from '../schemas.ts'
import type { ImportRow, ReadLine } from './row.ts'

/** Fields of the product that are free text: each is a column of its name, a new one too. */
export const TEXTS = Object.entries<TSchema & { type?: string; pattern?: string; maxLength?: number }>(
  ProductPatch.properties,
).flatMap(([name, { type, pattern, maxLength }]) =>
  type === 'string' && pattern === undefined ? [{ name: name as TextField, maxLength }] : [],
)
type Edits = Required<ProductEdits>
type TextField = Exclude<
  { [Field in keyof Edits]: Edits[Field] extends string ? Field : never }[keyof Edits],
  'name' | 'slug'
>

export const COLUMNS = [
  'sku',
  'product',
  'name',
  ...TEXTS.map(({ name }) => name),
  'category',
  'price',
  'currency',
  'status',
  'image',
] as const
type Column = (typeof COLUMNS)[number]

export const ATTRIBUTE_PREFIX = 'attributes.'

const isColumn = (name: string): name is Column => (COLUMNS as readonly string[]).includes(name)

const isAttribute = (name: string) =>
  name.startsWith(ATTRIBUTE_PREFIX) && new RegExp(ATTRIBUTE_NAME).test(name.slice(ATTRIBUTE_PREFIX.length))

const refuseHeader = (errors: FieldError[]): never => {
  throw new Problem('invalid-request', 'The header of the file does not fit.', { errors })
}

/** The columns of a file in its order; refuses unknown ones, whose cells would be ignored. */
export const readHeader = (cells: string[]): string[] => {
  const names = cells.map((cell) => cell.trim())
  const errors = names.flatMap((name, index): FieldError[] => {
    if (!isColumn(name) && !isAttribute(name)) return [{ path: name, message: 'is not a known column' }]
    return names.indexOf(name) < index ? [{ path: name, message: 'stands twice in the header' }] : []
  })
  if (!names.includes('sku')) errors.push({ path: 'sku', message: 'is a required column' })
  return errors.length > 0 ? refuseHeader(errors) : names
}

const STATUSES = ProductStatus.anyOf.map((status) => status.const)
const LIMITS: Partial<Record<Column, number | undefined>> = {
  ...Object.fromEntries(TEXTS.map(({ name, maxLength }) => [name, maxLength])),
  product: 120,
  name: 200,
  image: 2_048,
}
const MAX_ATTRIBUTE = 255

const tooLong = (text: string, limit: number | undefined) =>
  limit !== undefined && text.length > limit && [...text].length > limit

/** One record as a row. An empty cell leaves what is there. */
export const toRow = (header: string[], line: number, cells: string[]): ReadLine => {
  if (cells.length !== header.length)
    return {
      line,
      errors: [{ path: '', message: `has ${cells.length} fields where the header has ${header.length}` }],
    }
  const errors: FieldError[] = []
  const fault = (path: string, message: string) => void errors.push({ path, message })
  const values: Partial<Record<Column, string>> = {}
  const attributes: Attributes = {}
  header.forEach((name, index) => {
    const text = cells[index]!.trim()
    if (text === '') return
    const limit = isColumn(name) ? LIMITS[name] : MAX_ATTRIBUTE
    if (tooLong(text, limit)) fault(name, `has more than ${limit} characters`)
    else if (isColumn(name)) values[name] = text
    else attributes[name.slice(ATTRIBUTE_PREFIX.length)] = text
  })

  const sku = values.sku === undefined ? null : normaliseSku(values.sku)
  if (values.sku === undefined) fault('sku', 'is required')
  else if (sku === null) fault('sku', 'is not a SKU: letters, digits and . _ / - inside, at most 64')
  const status = STATUSES.find((known) => known === values.status)
  if (values.status !== undefined && !status) fault('status', `must be one of ${STATUSES.join(', ')}`)
  if (values.image !== undefined && !/^https?:\/\/[^\s<>"]+$/.test(values.image))
    fault('image', 'is not an http address')
  const category = values.category === undefined ? undefined : parsePath(values.category)
  if (category && 'fault' in category) fault('category', category.fault)
  if (values.price === undefined && values.currency !== undefined)
    fault('price', 'is required with a currency')
  if (errors.length > 0 || sku === null) return { line, errors }

  const { product: handle, name, image, price: major, currency } = values
  const texts = TEXTS.flatMap(({ name: text }) => (values[text] === undefined ? [] : [[text, values[text]]]))
  const row: ImportRow = {
    line,
    characters: cells.reduce((sum, cell) => sum + cell.length, 0),
    format: 'csv',
    handle,
    edits: Object.fromEntries(texts) as Partial<Record<TextField, string>>,
    status,
    image,
    category: category && 'names' in category ? category.names : undefined,
    variants: [{ sku, name, price: major === undefined ? undefined : { major, currency }, attributes }],
  }
  return { row }
}

export async function* csvRows(source: AsyncIterable<Buffer>): AsyncGenerator<ReadLine[]> {
  let header: string[] | null = null
  for await (const records of readCsv(source)) {
    const rows: ReadLine[] = []
    for (const record of records) {
      if ('fault' in record) {
        if (!header) return refuseHeader([{ path: '', message: record.fault }])
        rows.push({ line: record.line, errors: [{ path: '', message: record.fault }] })
      } else if (!header) header = readHeader(record.fields)
      else rows.push(toRow(header, record.line, record.fields))
    }
    if (rows.length > 0) yield rows
  }
  if (!header) refuseHeader([{ path: '', message: 'is missing: the file is empty' }])
}

import { normaliseSku } from '@storewright/contracts'
import { fieldsFor, readCsv, separatorFault } from '@storewright/runtime/csv'
import { isOneLine } from '@storewright/runtime/text'
import { Problem, type FieldError } from '@storewright/service-kit/http'
import type { OptionValues } from '../products/options.ts'
import type { ProductEdits } from '../products/product.ts'
import { MAX_WEIGHT } from '../field-schemas.ts'
import { ProductStatus } from '../schemas.ts'
import { attributeNameKey } from '../attributes.ts'
import { readCleared } from './cleared.ts'
import { ATTRIBUTE_PREFIX, columnKey, findColumn, type Column, type OwnColumn } from './columns.ts'
import type { RowPrice } from './row-prices.ts'
import { readHandle, readPaths, type ImportRow, type ReadLine } from './row.ts'

const MAX_PATH = 100
const MAX_ERRORS = 100

const refuseHeader = (errors: FieldError[]): never => {
  throw new Problem('invalid-request', 'The header of the file does not fit.', { errors })
}

/** The columns of a file in its order; refuses unknown ones, whose cells would be ignored. */
export const readHeader = (cells: string[]): Column[] => {
  const separated = separatorFault(cells)
  if (separated) return refuseHeader([{ path: '', message: `line 1 ${separated}` }])
  const errors: FieldError[] = []
  const columns = new Map<string, Column>()
  fieldsFor(0, cells).forEach((cell, index) => {
    const column = findColumn(cell)
    const path = cell.trim().slice(0, MAX_PATH)
    if (path === '') errors.push({ path, message: `column ${index + 1} has no name` })
    else if (!column) errors.push({ path, message: 'is not a known column' })
    else if (columns.has(columnKey(column))) errors.push({ path, message: 'stands twice in the header' })
    else columns.set(columnKey(column), column)
  })
  if (!columns.has('sku')) errors.push({ path: 'sku', message: 'is a required column' })
  return errors.length > 0 ? refuseHeader(errors.slice(0, MAX_ERRORS)) : [...columns.values()]
}

const STATUSES = ProductStatus.anyOf.map((status) => status.const)

const tooLong = (text: string, limit: number | undefined) =>
  limit !== undefined && text.length > limit && [...text].length > limit

interface Cells {
  own: Partial<Record<OwnColumn, string>>
  /** Fields of the product with columns of their own, as they are stored. */
  edits: ProductEdits
  attributes: [name: string, text: string][]
  prices: Map<string, RowPrice>
  options: OptionValues | undefined
  errors: FieldError[]
}

const priceColumns = (currency: string | undefined): RowPrice => {
  const end = currency === undefined ? '' : `.${currency}`
  const fields = { field: `price${end}`, compareAtField: `compareAtPrice${end}` }
  return { ...fields, currency, amount: undefined, compareAt: undefined }
}

/** Reads what is not blank: an empty cell leaves what is there. */
const readCells = (header: Column[], cells: string[]): Cells => {
  const errors: FieldError[] = []
  const own: Cells['own'] = {}
  const attributes: Cells['attributes'] = []
  const edits: [string, unknown][] = []
  const prices: Cells['prices'] = new Map()
  let options: Cells['options']
  cells.forEach((text, index) => {
    if (text.trim() === '') return
    const column = header[index]!
    const { name } = column
    if (tooLong(text, column.maxLength))
      errors.push({ path: name, message: `has more than ${column.maxLength} characters` })
    else if (column.kind === 'own') own[column.name] = text.trim()
    else if (column.kind === 'attribute') attributes.push([name.slice(ATTRIBUTE_PREFIX.length), text])
    else if (column.kind === 'price') {
      const { currency, of } = column
      const price = prices.get(currency) ?? priceColumns(currency)
      prices.set(currency, { ...price, [of]: text.trim() })
    } else if (column.kind === 'text') edits.push([name, text])
    else {
      const read = column.read(text)
      if ('errors' in read) errors.push(...read.errors)
      else if (column.kind === 'variant-options') options = read.value as OptionValues
      else edits.push([name, read.value])
    }
  })
  return { own, edits: Object.fromEntries(edits), attributes, prices, options, errors }
}

export const toRow = (header: Column[], line: number, given: string[]): ReadLine => {
  const cells = fieldsFor(header.length, given)
  if (cells.length !== header.length)
    return {
      line,
      errors: [{ path: '', message: `has ${cells.length} fields where the header has ${header.length}` }],
    }
  const { own, edits, attributes, prices, options, errors } = readCells(header, cells)
  const fault = (path: string, message: string) => void errors.push({ path, message })

  const sku = own.sku === undefined ? null : normaliseSku(own.sku)
  if (own.sku === undefined) fault('sku', 'is required')
  else if (sku === null) fault('sku', 'is not a SKU: letters, digits and . _ / - inside, at most 64')
  const status = STATUSES.find((known) => known === own.status)
  if (own.status !== undefined && !status) fault('status', `must be one of ${STATUSES.join(', ')}`)
  const { image } = own
  if (image !== undefined && !/^https?:\/\/[^\s<>"]+$/.test(image)) fault('image', 'is not an http address')
  if (image !== undefined && edits.media && edits.media[0]?.url !== image)
    fault('image', 'is not the first of media')
  if (own.name !== undefined && !isOneLine(own.name))
    fault('name', 'has a control or invisible character, or more than one line')
  const category = own.category === undefined ? undefined : readPaths(own.category.split('\n'))
  if (category && 'fault' in category) fault('category', category.fault)
  const product = own.product === undefined ? undefined : readHandle(own.product)
  if (product && 'fault' in product) fault('product', product.fault)
  const { name, price: amount, currency, compareAtPrice: compareAt } = own
  if (amount === undefined && currency !== undefined) fault('price', 'is required with a currency')
  const cleared = readCleared(own.clear ?? '')
  errors.push(...cleared.errors)
  const again = (path: string) => fault(path, 'is stated here, and named by clear')
  for (const [field, nothing] of cleared.edits)
    if (Object.hasOwn(edits, field)) again(field)
    else Object.assign(edits, { [field]: nothing })
  const isNamed = new Set(cleared.attributes.map(attributeNameKey))
  for (const [name] of attributes) if (isNamed.has(attributeNameKey(name))) again(ATTRIBUTE_PREFIX + name)
  if (category && cleared.isUncategorised) again('category')
  if (own.weightGrams !== undefined) {
    const isWeight = /^\d{1,8}$/.test(own.weightGrams) && Number(own.weightGrams) <= MAX_WEIGHT
    if (!isWeight) fault('weightGrams', `is not a whole number of grams up to ${MAX_WEIGHT}`)
    if (cleared.isWeightless) again('weightGrams')
  }
  for (const code of cleared.prices) if (prices.has(code)) again(`price.${code}`)

  const isStated = amount !== undefined || compareAt !== undefined
  const main: RowPrice[] = isStated ? [{ ...priceColumns(undefined), currency, amount, compareAt }] : []
  const list = [...main, ...prices.values()]
  for (const code of cleared.compareAts) {
    const stated = list.find((price) => price.currency === code || (code === undefined && price === main[0]))
    if (stated?.compareAt !== undefined) again(stated.compareAtField)
    else if (stated) stated.compareAt = null
    else list.push({ ...priceColumns(code), compareAt: null })
  }
  if (errors.length > 0 || sku === null) return { line, errors }

  const row: ImportRow = {
    line,
    characters: cells.reduce((sum, cell) => sum + cell.length, 0),
    format: 'csv',
    handle: product && 'handle' in product ? product.handle : undefined,
    edits,
    status,
    image,
    categories: cleared.isUncategorised ? [] : category && 'paths' in category ? category.paths : undefined,
    isOneCategory: category && 'paths' in category && category.paths.length === 1,
    variants: [
      {
        sku,
        name,
        prices:
          list.length + cleared.prices.length === 0
            ? undefined
            : { list, isWhole: false, removed: cleared.prices },
        attributes: Object.fromEntries(attributes),
        cleared: cleared.attributes,
        options,
        weightGrams: cleared.isWeightless
          ? null
          : own.weightGrams === undefined
            ? undefined
            : Number(own.weightGrams),
      },
    ],
  }
  return { row }
}

export async function* csvRows(source: AsyncIterable<Buffer>): AsyncGenerator<ReadLine[]> {
  let header: Column[] | null = null
  for await (const records of readCsv(source)) {
    const rows: ReadLine[] = []
    for (const record of records) {
      if ('fault' in record) {
        if (!header) return refuseHeader([{ path: '', message: `line ${record.line} ${record.fault}` }])
        rows.push({ line: record.line, errors: [{ path: '', message: record.fault }] })
      } else if (!header) header = readHeader(record.fields)
      else rows.push(toRow(header, record.line, record.fields))
    }
    if (rows.length > 0) yield rows
  }
  if (!header) refuseHeader([{ path: '', message: 'is missing: the file is empty' }])
}

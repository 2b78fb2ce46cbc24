import { normaliseSku } from '@storewright/contracts'
import { fieldsFor, parseCsvLine, readLines, separatorFault, type Line } from '@storewright/runtime/csv'
import { isLocationCode } from '../locations/location.ts'
import { MAX_ON_HAND } from './stock.ts'

export interface LineError {
  path: string
  message: string
}

export type ParsedLine =
  { line: number; sku: string; location: string; onHand: number } | { line: number; errors: LineError[] }

/** The file as a whole cannot be read: what is wrong with its header. */
export class BadHeader extends Error {
  readonly path: string
  constructor(path: string, message: string) {
    super(message)
    this.path = path
  }
}

/** Longer than any valid line. */
const MAX_LINE_KIB = 1

const COLUMNS = ['sku', 'onHand', 'location']
const REQUIRED = ['sku', 'onHand']

/** A quoted value and the spaces around it, which do not count. */
const QUOTED = /(^|,)\s*("(?:[^"]|"")*")\s*(?=,|$)/g

/** No value has a quote or spans lines: an unclosed quote costs its own line and not the rest of the file. */
const fieldsOf = (text: string): string[] | null => {
  const fields = parseCsvLine(text.replaceAll(QUOTED, '$1$2'))
  if (!fields || fields.some((field) => field.includes('"'))) return null
  return fields.map((field) => field.trim())
}

const readHeader = (line: Line): string[] => {
  const fields = 'fault' in line ? [] : fieldsOf(line.text)
  const fault = 'fault' in line ? line.fault : separatorFault(fields ?? [])
  if (fault) throw new BadHeader('header', `line ${line.line} ${fault}`)
  if (!fields?.some(Boolean))
    throw new BadHeader('header', 'the first line must name the columns: sku, onHand, location')
  const columns = fieldsFor(0, fields)
  for (const [index, column] of columns.entries()) {
    const shown = column.slice(0, 40)
    if (!COLUMNS.includes(column)) throw new BadHeader(shown, `there is no column "${shown}"`)
    if (columns.indexOf(column) !== index) throw new BadHeader(shown, `the column "${shown}" comes twice`)
  }
  for (const column of REQUIRED) {
    if (!columns.includes(column)) throw new BadHeader(column, `the column "${column}" is missing`)
  }
  return columns
}

const parseLine = (read: Line, columns: string[], location: string): ParsedLine => {
  const { line } = read
  const refuse = (message: string) => ({ line, errors: [{ path: '', message }] })
  if ('fault' in read) return refuse(read.fault)
  const given = fieldsOf(read.text)
  if (!given) return refuse('not CSV: a quote is missing or misplaced')
  const fields = fieldsFor(columns.length, given)
  if (fields.length !== columns.length) return refuse(`${fields.length} values for ${columns.length} columns`)

  const value = (column: string) => fields[columns.indexOf(column)] ?? ''
  const errors: LineError[] = []
  const sku = normaliseSku(value('sku'))
  if (sku === null) {
    errors.push({ path: 'sku', message: 'must be 1 to 64 letters, digits and . _ / - between them' })
  }
  const onHand = /^\d{1,10}$/.test(value('onHand')) ? Number(value('onHand')) : Infinity
  if (onHand > MAX_ON_HAND) {
    errors.push({ path: 'onHand', message: `must be a whole number from 0 to ${MAX_ON_HAND}` })
  }
  const place = value('location') || location
  if (!isLocationCode(place)) errors.push({ path: 'location', message: 'is not a location' })
  if (sku === null || errors.length > 0) return { line, errors }
  return { line, sku, location: place, onHand }
}

/** Parses a stocktake, line by line; `location` applies to lines that name none. Throws BadHeader. */
export async function* parseStockCsv(
  chunks: AsyncIterable<Uint8Array>,
  location: string,
): AsyncGenerator<ParsedLine> {
  let columns: string[] | null = null
  for await (const lines of readLines(chunks, { maxLineKiB: MAX_LINE_KIB })) {
    for (const line of lines) {
      if ('text' in line && line.text.trim() === '') continue
      if (columns === null) columns = readHeader(line)
      else yield parseLine(line, columns, location)
    }
  }
  if (columns === null) throw new BadHeader('header', 'the file is empty')
}

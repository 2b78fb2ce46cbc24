import { parse } from 'csv-parse/sync'
import { normaliseSku } from '@storewright/contracts'
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
const MAX_LINE_LENGTH = 1_000

const COLUMNS = ['sku', 'onHand', 'location']
const REQUIRED = ['sku', 'onHand']

interface TextLine {
  number: number
  text: string
  tooLong: boolean
}

/**
 * Lines of UTF-8 text, empty ones left out. Of a line that never ends only the beginning is kept. Lines come first and
 * CSV second, because no value here spans lines: an unclosed quote then costs its own line and not the rest of the file.
 */
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder()
  let number = 0
  let rest = ''
  let tooLong = false
  const finish = (text: string): TextLine => {
    const whole = rest + text
    const line = { number: ++number, text: whole, tooLong: tooLong || whole.length > MAX_LINE_LENGTH }
    rest = ''
    tooLong = false
    return line
  }
  for await (const chunk of chunks) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n')
    const unfinished = pieces.pop() ?? ''
    for (const piece of pieces) {
      const line = finish(piece)
      if (line.text.trim() !== '') yield line
    }
    rest += unfinished
    if (rest.length > MAX_LINE_LENGTH) {
      rest = rest.slice(0, MAX_LINE_LENGTH)
      tooLong = true
    }
  }
  const last = finish(decoder.decode())
  if (last.text.trim() !== '') yield last
}

const fieldsOf = (text: string): string[] | null => {
  if (!text.includes('"')) return text.split(',').map((field) => field.trim())
  try {
    return parse(text, { trim: true, relax_column_count: true })[0] ?? null
  } catch {
    return null
  }
}

const readHeader = (line: TextLine): string[] => {
  const columns = line.tooLong ? null : fieldsOf(line.text)
  if (!columns) throw new BadHeader('header', 'the first line must name the columns: sku, onHand, location')
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

const parseLine = (
  { number: line, text, tooLong }: TextLine,
  columns: string[],
  location: string,
): ParsedLine => {
  const refuse = (path: string, message: string) => ({ line, errors: [{ path, message }] })
  if (tooLong) return refuse('', `longer than ${MAX_LINE_LENGTH} characters`)
  const fields = fieldsOf(text)
  if (!fields) return refuse('', 'not CSV: a quote is missing or misplaced')
  if (fields.length !== columns.length) {
    return refuse('', `${fields.length} values for ${columns.length} columns`)
  }

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
  for await (const line of readLines(chunks)) {
    if (columns === null) columns = readHeader(line)
    else yield parseLine(line, columns, location)
  }
  if (columns === null) throw new BadHeader('header', 'the file is empty')
}

import { isUtf8 } from 'node:buffer'

/** One physical line without its end, counted from 1, or why it cannot be read. */
export type Line = { line: number; text: string } | { line: number; fault: string }

interface LineOptions {
  /** The longest line, 1,024 where it is absent. */
  maxLineKiB?: number
}

const MAX_LINE_KIB = 1024
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

const isUtf16 = (bytes: Buffer) =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)

const decode = (line: number, bytes: Buffer): Line => {
  const start = line === 1 && bytes.subarray(0, 3).equals(BOM) ? 3 : 0
  const content = bytes.subarray(start)
  if (line === 1 && isUtf16(bytes)) return { line, fault: 'is UTF-16 and not UTF-8' }
  if (!isUtf8(content)) return { line, fault: 'is not UTF-8' }
  if (content.includes(0)) return { line, fault: 'contains a NUL character' }
  return { line, text: content.toString('utf8') }
}

/** Lines without their line feed; a carriage return before it stays. */
async function* cutLines(
  source: AsyncIterable<Uint8Array>,
  { maxLineKiB = MAX_LINE_KIB }: LineOptions,
): AsyncGenerator<Line[]> {
  const maxLineBytes = maxLineKiB * 1024
  let line = 0
  let rest: Buffer[] = []
  let restBytes = 0

  const finish = (last: Buffer): Line => {
    line += 1
    const tooLong = restBytes + last.length > maxLineBytes
    const whole = rest.length === 0 ? last : Buffer.concat([...rest, last])
    rest = []
    restBytes = 0
    return tooLong ? { line, fault: `is longer than ${maxLineKiB} KiB` } : decode(line, whole)
  }

  for await (const bytes of source) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const lines: Line[] = []
    let from = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      lines.push(finish(chunk.subarray(from, end)))
      from = end + 1
    }
    restBytes += chunk.length - from
    if (restBytes <= maxLineBytes) rest.push(chunk.subarray(from))
    else rest = []
    if (lines.length > 0) yield lines
  }
  if (restBytes > 0) yield [finish(Buffer.alloc(0))]
}

const withoutReturn = (text: string) => (text.endsWith('\r') ? text.slice(0, -1) : text)

/** Cuts a stream of bytes into lines, holding no more than one; a longer one is refused without being kept. */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  options: LineOptions = {},
): AsyncGenerator<Line[]> {
  for await (const lines of cutLines(source, options))
    yield lines.map((read) => ('text' in read ? { ...read, text: withoutReturn(read.text) } : read))
}

export type CsvRecord = { line: number; fields: string[] } | { line: number; fault: string }

// A quoted field may run over lines; a forgotten closing quote must not swallow the file.
const MAX_RECORD_CHARACTERS = 512 * 1024
const NEVER_CLOSED = 'has a quoted field that is never closed'

// Spreadsheets take cells that begin so for formulas (OWASP, CSV injection). Further apostrophes in front keep what
// had one of its own apart from what was given one.
const FORMULA = /^'*[=+\-@\t\r]/
const MARKED = /^'+[=+\-@\t\r]/

const unmark = (field: string) => (MARKED.test(field) ? field.slice(1) : field)

type Outcome = { fields: string[] } | { fault: string } | 'open'

/** Parses one record (RFC 4180): called with a line and its end, one after another, until the outcome is no longer `open`. */
const createRecordParser = () => {
  const fields: string[] = []
  let quoted: string[] | null = null

  const readQuoted = (text: string, lineEnd: string, from: number, into: string[]): number => {
    let start = from
    for (;;) {
      const quote = text.indexOf('"', start)
      if (quote === -1) {
        into.push(text.slice(start), lineEnd)
        return -1
      }
      into.push(text.slice(start, quote))
      if (text[quote + 1] !== '"') return quote + 1
      into.push('"')
      start = quote + 2
    }
  }

  return (text: string, lineEnd: string): Outcome => {
    let at = 0
    for (;;) {
      if (!quoted && text[at] === '"') {
        quoted = []
        at += 1
      }
      if (quoted) {
        at = readQuoted(text, lineEnd, at, quoted)
        if (at === -1) return 'open'
        fields.push(unmark(quoted.join('')))
        quoted = null
        if (at < text.length && text[at] !== ',') return { fault: 'has text after a closing quote' }
      } else {
        const comma = text.indexOf(',', at)
        const end = comma === -1 ? text.length : comma
        fields.push(unmark(text.slice(at, end)))
        at = end
      }
      if (at >= text.length) return { fields }
      at += 1
    }
  }
}

/** The fields of a line that is a whole record; null where a quoted field is not closed, or not followed by a comma. */
export const parseCsvLine = (text: string): string[] | null => {
  const outcome = createRecordParser()(text, '\n')
  return typeof outcome === 'object' && 'fields' in outcome ? outcome.fields : null
}

// Spreadsheets end their files with rows of nothing but commas.
const isBlank = (record: CsvRecord) =>
  'fields' in record && record.fields.every((field) => field.trim() === '')

/** Joins lines to records. A record that turns out not to be one costs its first line, and reading resumes on the next. */
const createRecordReader = () => {
  let lines: Line[] = []
  // The record that is being read begins at `start`; `next` is the line that it may go on with.
  let start = 0
  let next = 0
  let characters = 0
  let parse = createRecordParser()
  let ownReturns: boolean | undefined

  const begin = (at: number) => {
    start = next = at
    characters = 0
    parse = createRecordParser()
  }

  const giveUp = (fault: string): CsvRecord => {
    const { line } = lines[start]!
    begin(start + 1)
    return { line, fault }
  }

  /** The next whole record; null where it may go on with lines that are still to come. */
  const readOne = (isEnd: boolean): CsvRecord | null => {
    const first = lines[start]
    while (next < lines.length) {
      const read = lines[next]!
      if ('fault' in read)
        return giveUp(next === start ? read.fault : `goes on to line ${read.line}, which ${read.fault}`)
      characters += read.text.length
      if (characters > MAX_RECORD_CHARACTERS) return giveUp(NEVER_CLOSED)
      const text = withoutReturn(read.text)
      const hasReturn = text !== read.text
      // In a file whose lines all end in CRLF those inside of cells are the file's and not the value's.
      ownReturns ??= !hasReturn
      const outcome = parse(text, hasReturn && ownReturns ? '\r\n' : '\n')
      if (outcome === 'open') {
        next += 1
        continue
      }
      if ('fault' in outcome) return giveUp(outcome.fault)
      begin(next + 1)
      return { line: first!.line, fields: outcome.fields }
    }
    return isEnd && first ? giveUp(NEVER_CLOSED) : null
  }

  return (more: readonly Line[], isEnd: boolean): CsvRecord[] => {
    lines = lines.slice(start).concat(more)
    next -= start
    start = 0
    const records: CsvRecord[] = []
    for (let record = readOne(isEnd); record; record = readOne(isEnd))
      if (!isBlank(record)) records.push(record)
    return records
  }
}

/** A stray quote costs its own line only; takes off the apostrophe by which `toCsvLine` disarms formulas. */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  options: LineOptions = {},
): AsyncGenerator<CsvRecord[]> {
  const read = createRecordReader()
  for await (const lines of cutLines(source, options)) {
    const records = read(lines, false)
    if (records.length > 0) yield records
  }
  const records = read([], true)
  if (records.length > 0) yield records
}

/** Fields for `count` columns: empty ones beyond them, as spreadsheets write them, are left out. */
export const fieldsFor = (count: number, fields: string[]): string[] => {
  const last = fields.findLastIndex((field) => field.trim() !== '')
  return fields.slice(0, Math.max(count, last + 1))
}

/** What is wrong where a header is separated by something else than commas. */
export const separatorFault = ([first = '']: string[]): string | undefined => {
  const separator = [';', '\t', '|'].find((sign) => first.includes(sign))
  return separator && `has its columns separated by ${JSON.stringify(separator)}: separate them by commas`
}

const quote = (text: string) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const toCell = (cell: string | number) =>
  typeof cell === 'number' ? String(cell) : quote(FORMULA.test(cell) ? `'${cell}` : cell)

/** Texts that a spreadsheet would take for formulas get an apostrophe, which `readCsv` takes off; numbers are numbers. */
export const toCsvLine = (cells: readonly (string | number)[]) => `${cells.map(toCell).join(',')}\n`

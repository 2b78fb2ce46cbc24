import { isUtf8 } from 'node:buffer'

/** One physical line without its end, counted from 1, or why it cannot be read. */
export type Line = { line: number; text: string } | { line: number; fault: string }

const MAX_LINE_KIB = 1024
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

const decode = (line: number, bytes: Buffer): Line => {
  const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length
  const start = line === 1 && bytes.subarray(0, 3).equals(BOM) ? 3 : 0
  const content = bytes.subarray(start, end)
  if (!isUtf8(content)) return { line, fault: 'is not UTF-8' }
  if (content.includes(0)) return { line, fault: 'contains a NUL character' }
  return { line, text: content.toString('utf8') }
}

/** Cuts a stream of bytes into lines, holding no more than one; a longer one is refused without being kept. */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  { maxLineKiB = MAX_LINE_KIB }: { maxLineKiB?: number } = {},
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

export type CsvRecord = { line: number; fields: string[] } | { line: number; fault: string }

// A quoted field may run over lines; a forgotten closing quote must not swallow the file.
const MAX_RECORD_LINES = 1_000
const MAX_RECORD_CHARACTERS = 256 * 1024
const NEVER_CLOSED = 'has a quoted field that is never closed'

type Outcome = { fields: string[] } | { fault: string } | 'open'

/** Parses one record (RFC 4180): called with line after line until the outcome is no longer `open`. */
const createRecordParser = () => {
  const fields: string[] = []
  let quoted: string[] | null = null

  const readQuoted = (text: string, from: number, into: string[]): number => {
    let start = from
    for (;;) {
      const quote = text.indexOf('"', start)
      if (quote === -1) {
        into.push(text.slice(start), '\n')
        return -1
      }
      into.push(text.slice(start, quote))
      if (text[quote + 1] !== '"') return quote + 1
      into.push('"')
      start = quote + 2
    }
  }

  return (text: string): Outcome => {
    let at = 0
    for (;;) {
      if (!quoted && text[at] === '"') {
        quoted = []
        at += 1
      }
      if (quoted) {
        at = readQuoted(text, at, quoted)
        if (at === -1) return 'open'
        fields.push(quoted.join(''))
        quoted = null
        if (at < text.length && text[at] !== ',') return { fault: 'has text after a closing quote' }
      } else {
        const comma = text.indexOf(',', at)
        const end = comma === -1 ? text.length : comma
        fields.push(text.slice(at, end))
        at = end
      }
      if (at >= text.length) return { fields }
      at += 1
    }
  }
}

/** The fields of a line that is a whole record; null where a quoted field is not closed, or not followed by a comma. */
export const parseCsvLine = (text: string): string[] | null => {
  const outcome = createRecordParser()(text)
  return typeof outcome === 'object' && 'fields' in outcome ? outcome.fields : null
}

/** Parses the record that begins at `start`; null where it may go on with lines that are still to come. */
const parseRecord = (
  lines: readonly Line[],
  start: number,
  isEnd: boolean,
): { record: CsvRecord; lines: number } | null => {
  const { line } = lines[start]!
  const giveUp = (fault: string) => ({ record: { line, fault }, lines: 1 })
  const parse = createRecordParser()
  let characters = 0
  for (let count = 1; start + count <= lines.length; count++) {
    const next = lines[start + count - 1]!
    if ('fault' in next) return giveUp(next.fault)
    characters += next.text.length
    if (count > MAX_RECORD_LINES || characters > MAX_RECORD_CHARACTERS) return giveUp(NEVER_CLOSED)
    const outcome = parse(next.text)
    if (outcome === 'open') continue
    if ('fault' in outcome) return giveUp(outcome.fault)
    return { record: { line, fields: outcome.fields }, lines: count }
  }
  return isEnd ? giveUp(NEVER_CLOSED) : null
}

// Spreadsheets end their files with rows of nothing but commas.
const isBlank = (record: CsvRecord) =>
  'fields' in record && record.fields.every((field) => field.trim() === '')

/** Unlike with CSV packages, a stray quote costs its own line only: reading resumes on the next. */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  options: { maxLineKiB?: number } = {},
): AsyncGenerator<CsvRecord[]> {
  let pending: Line[] = []

  const parseComplete = (isEnd: boolean): CsvRecord[] => {
    const records: CsvRecord[] = []
    let start = 0
    while (start < pending.length) {
      const parsed = parseRecord(pending, start, isEnd)
      if (!parsed) break
      if (!isBlank(parsed.record)) records.push(parsed.record)
      start += parsed.lines
    }
    pending = pending.slice(start)
    return records
  }

  for await (const lines of readLines(source, options)) {
    pending = pending.concat(lines)
    const records = parseComplete(false)
    if (records.length > 0) yield records
  }
  const records = parseComplete(true)
  if (records.length > 0) yield records
}

const quote = (text: string) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

export const toCsvLine = (cells: readonly (string | number)[]) =>
  `${cells.map((cell) => quote(String(cell))).join(',')}\n`

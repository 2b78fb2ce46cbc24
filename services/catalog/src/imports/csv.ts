import type { Line } from './lines.ts'

/** One record of a CSV file, with the line it begins on, or why that line cannot be read. */
export type CsvRecord = { line: number; fields: string[] } | { line: number; fault: string }

// A quoted field may run over lines; a forgotten closing quote must not swallow the file.
const MAX_RECORD_LINES = 1_000
const MAX_RECORD_CHARACTERS = 256 * 1024

type Outcome = { fields: string[] } | { fault: string } | 'open'

/** Reads one record (RFC 4180) from text that may grow: `feed` takes its lines until the record is complete. */
const createRecordReader = () => {
  const fields: string[] = []
  let quoted: string[] | null = null

  /** Takes characters of a quoted field from `from`; the position behind its closing quote, or -1. */
  const readQuoted = (text: string, from: number): number => {
    let start = from
    for (;;) {
      const quote = text.indexOf('"', start)
      if (quote === -1) {
        quoted!.push(text.slice(start), '\n')
        return -1
      }
      quoted!.push(text.slice(start, quote))
      if (text[quote + 1] !== '"') return quote + 1
      quoted!.push('"')
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
        at = readQuoted(text, at)
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

/** Cuts lines into records. A stray quote costs its own line and not what follows, which no CSV package does. */
export async function* recordsOf(batches: AsyncIterable<Line[]>): AsyncGenerator<CsvRecord[]> {
  let pending: Line[] = []

  /** Reads what is complete from the front of `pending`; the rest waits for more lines. */
  const read = (isEnd: boolean): CsvRecord[] => {
    const records: CsvRecord[] = []
    let start = 0
    while (start < pending.length) {
      const { record, lines } = readRecord(pending, start, isEnd)
      if (!record) break
      if (!isBlank(record)) records.push(record)
      start += lines
    }
    pending = pending.slice(start)
    return records
  }

  for await (const lines of batches) {
    pending = pending.concat(lines)
    const records = read(false)
    if (records.length > 0) yield records
  }
  const records = read(true)
  if (records.length > 0) yield records
}

/** Spreadsheets end their files with rows of nothing but commas. */
const isBlank = (record: CsvRecord) =>
  'fields' in record && record.fields.every((field) => field.trim() === '')

const readRecord = (
  lines: Line[],
  start: number,
  isEnd: boolean,
): { record: CsvRecord | null; lines: number } => {
  const first = lines[start]!
  const giveUp = (fault: string) => ({ record: { line: first.line, fault }, lines: 1 })
  const feed = createRecordReader()
  let characters = 0
  for (let count = 1; start + count <= lines.length; count++) {
    const line = lines[start + count - 1]!
    if ('fault' in line) return giveUp(line.fault)
    characters += line.text.length
    if (count > MAX_RECORD_LINES || characters > MAX_RECORD_CHARACTERS) return giveUp(NEVER_CLOSED)
    const outcome = feed(line.text)
    if (outcome === 'open') continue
    if ('fault' in outcome) return giveUp(outcome.fault)
    return { record: { line: first.line, fields: outcome.fields }, lines: count }
  }
  return isEnd ? giveUp(NEVER_CLOSED) : { record: null, lines: 0 }
}

const NEVER_CLOSED = 'has a quoted field that is never closed'

import { toCsvLine } from '@storewright/runtime/csv'

export type ReportFormat = 'csv' | 'json'

/** A row's fields by their names; absent ones are empty cells. */
type Row = Record<string, string | number | null | undefined>

const CHUNK_CHARACTERS = 32_768

/** Joins small pieces, so that a row does not cost a write of its own. */
async function* inChunks(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = ''
  for await (const piece of pieces) {
    chunk += piece
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  if (chunk) yield chunk
}

async function* toCsv(columns: readonly string[], rows: AsyncIterable<Row>) {
  yield toCsvLine(columns)
  for await (const row of rows) yield toCsvLine(columns.map((column) => row[column] ?? ''))
}

async function* toJson(rows: AsyncIterable<Row>) {
  let separator = '{"items":['
  for await (const row of rows) {
    yield separator + JSON.stringify(row)
    separator = ','
  }
  yield separator === ',' ? '],"nextCursor":null}' : '{"items":[],"nextCursor":null}'
}

/** A report as text, row by row as it is read: CSV, or JSON in the shape of every list. */
export const writeReport = (format: ReportFormat, columns: readonly string[], rows: AsyncIterable<Row>) =>
  inChunks(format === 'csv' ? toCsv(columns, rows) : toJson(rows))

import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { readCsv } from '@storewright/runtime/csv'

export type RetailLine = {
  invoice: string
  code: string
  description: string
  quantity: number
  date: string
  unitPrice: number
  customer: string
  country: string
}

const COLUMNS: Record<keyof RetailLine, string> = {
  invoice: 'InvoiceNo',
  code: 'StockCode',
  description: 'Description',
  quantity: 'Quantity',
  date: 'InvoiceDate',
  unitPrice: 'UnitPrice',
  customer: 'CustomerID',
  country: 'Country',
}

type CsvLine = { line: number; fields: string[] }

/** Reads lines by the names in the header; throws where it lacks a column. */
const lineReader = (header: string[]) => {
  const missing = Object.values(COLUMNS).filter((column) => !header.includes(column))
  if (missing.length > 0) throw new Error(`not a retail file: it has no column ${missing.join(', ')}`)

  return ({ line, fields }: CsvLine): RetailLine => {
    if (fields.length !== header.length)
      throw new Error(`line ${line} has ${fields.length} columns instead of ${header.length}`)
    const field = (name: keyof RetailLine) => fields[header.indexOf(COLUMNS[name])] ?? ''
    return {
      invoice: field('invoice'),
      code: field('code'),
      description: field('description'),
      quantity: Number(field('quantity')),
      date: field('date'),
      unitPrice: Number(field('unitPrice')),
      customer: field('customer'),
      country: field('country'),
    }
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path)
  if (!path.endsWith('.gz')) return yield* file
  const gunzip = createGunzip()
  let fileError: Error | undefined
  file.once('error', (error) => {
    fileError = error
    gunzip.destroy(error)
  })
  try {
    yield* file.pipe(gunzip)
  } catch (error) {
    throw fileError ?? new Error(`${path} is damaged: ${(error as Error).message}`, { cause: error })
  } finally {
    file.destroy()
  }
}

/** Streams the lines of a retail file (`.csv` or `.csv.gz`), so that a year of a shop needs no more memory than a day. */
export async function* readRetailFile(path: string): AsyncGenerator<RetailLine> {
  let toRetailLine: ReturnType<typeof lineReader> | undefined
  for await (const records of readCsv(bytesOf(path))) {
    for (const record of records) {
      if ('fault' in record) throw new Error(`line ${record.line} of ${path} ${record.fault}`)
      if (toRetailLine) yield toRetailLine(record)
      else toRetailLine = lineReader(record.fields)
    }
  }
}

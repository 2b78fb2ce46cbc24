import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'

/** One line of one invoice, as it stands in the file. */
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

const COLUMNS = {
  InvoiceNo: 'invoice',
  StockCode: 'code',
  Description: 'description',
  Quantity: 'quantity',
  InvoiceDate: 'date',
  UnitPrice: 'unitPrice',
  CustomerID: 'customer',
  Country: 'country',
} as const

const columnsOf = (header: string[]) => {
  const missing = Object.keys(COLUMNS).filter((column) => !header.includes(column))
  if (missing.length > 0) throw new Error(`not a retail file: it has no column ${missing.join(', ')}`)
  return header.map((column) => COLUMNS[column as keyof typeof COLUMNS] ?? false)
}

/** Streams the lines of a retail file (`.csv` or `.csv.gz`), so that a year of a shop needs no more memory than a day. */
export async function* readRetailFile(path: string): AsyncGenerator<RetailLine> {
  const raw = createReadStream(path)
  const parser = parse({ columns: columnsOf, bom: true })
  raw.once('error', (error) => parser.destroy(error))
  if (path.endsWith('.gz')) {
    const gunzip = createGunzip()
    gunzip.once('error', (error) => parser.destroy(new Error(`${path} is damaged: ${error.message}`)))
    raw.pipe(gunzip).pipe(parser)
  } else raw.pipe(parser)

  for await (const row of parser as AsyncIterable<Record<keyof RetailLine, string>>) {
    yield { ...row, quantity: Number(row.quantity), unitPrice: Number(row.unitPrice) }
  }
}

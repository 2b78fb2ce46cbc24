import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRetailFile, type RetailLine } from './retail-file.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'retail-'))))
afterAll(() => rm(folder, { recursive: true }))

const HEADER =
  '"InvoiceNo","StockCode","Description","Quantity","InvoiceDate","UnitPrice","CustomerID","Country"\n'
const ROW = '"536365","85123A","SET ""HOME"", £1",6,2010-12-01 08:26:00,2.55,,"United Kingdom"\n'

const readAll = async (path: string) => {
  const lines: RetailLine[] = []
  for await (const line of readRetailFile(path)) lines.push(line)
  return lines
}

const linesOf = async (name: string, content: string | Buffer) => {
  const path = join(folder, name)
  await writeFile(path, content)
  return readAll(path)
}

it('reads quotes, commas and pound signs from plain and gzipped retail files', async () => {
  const expected = {
    invoice: '536365',
    code: '85123A',
    description: 'SET "HOME", £1',
    quantity: 6,
    date: '2010-12-01 08:26:00',
    unitPrice: 2.55,
    customer: '',
    country: 'United Kingdom',
  }
  expect(await linesOf('plain.csv', HEADER + ROW)).toEqual([expected])
  expect(await linesOf('packed.csv.gz', gzipSync(HEADER + ROW))).toEqual([expected])
})

it('rejects a file of another kind, a damaged one and a missing one', async () => {
  await expect(linesOf('short.csv', `${HEADER}1,2\n`)).rejects.toThrow('line 2 has 2 columns instead of 8')
  await expect(linesOf('open.csv', `${HEADER}"1,2\n`)).rejects.toThrow('line 2 of')
  await expect(linesOf('other.csv', 'a,b\n1,2\n')).rejects.toThrow('it has no column InvoiceNo')
  await expect(linesOf('cut.csv.gz', gzipSync(HEADER + ROW).subarray(0, 40))).rejects.toThrow('is damaged')
  await expect(readAll(join(folder, 'nothing.csv'))).rejects.toThrow('ENOENT')
})

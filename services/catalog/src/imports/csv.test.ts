import { describe, expect, it } from 'vitest'
import { recordsOf, type CsvRecord } from './csv.ts'
import { linesOf, MAX_LINE_BYTES } from './lines.ts'

async function* inChunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = async (content: string | Buffer, size = 7): Promise<CsvRecord[]> => {
  const records: CsvRecord[] = []
  for await (const batch of recordsOf(linesOf(inChunks(Buffer.from(content as string), size))))
    records.push(...batch)
  return records
}

describe('reading CSV', () => {
  it('accepts a byte order mark, CRLF, quoted fields with line breaks, and a last line without end', async () => {
    expect(await read('\ufeffsku,name\r\nA,"x, ""y""\r\nsecond"\r\n\r\nB,"£ 5"\r\n,,\r\nC,')).toEqual([
      { line: 1, fields: ['sku', 'name'] },
      { line: 2, fields: ['A', 'x, "y"\nsecond'] },
      { line: 5, fields: ['B', '£ 5'] },
      { line: 7, fields: ['C', ''] },
    ])
  })

  it('reads the same whatever the size of the chunks', async () => {
    const file = 'a,"é\n""b"\nc,😀\n'
    for (const size of [1, 2, 3, 5, 100])
      expect(await read(file, size)).toEqual([
        { line: 1, fields: ['a', 'é\n"b'] },
        { line: 3, fields: ['c', '😀'] },
      ])
  })

  it('keeps a quote inside an unquoted field', async () => {
    expect(await read('A,5" pipe\n')).toEqual([{ line: 1, fields: ['A', '5" pipe'] }])
  })

  it('rejects one line for a quote that is never closed, or closed too late', async () => {
    expect(await read('A,"open\nB,"x"\nC,ok\nD,"open\nE,ok')).toEqual([
      { line: 1, fault: 'has text after a closing quote' },
      { line: 2, fields: ['B', 'x'] },
      { line: 3, fields: ['C', 'ok'] },
      { line: 4, fault: 'has a quoted field that is never closed' },
      { line: 5, fields: ['E', 'ok'] },
    ])
  })

  it('rejects one line for bytes that are not UTF-8, for NUL and for excessive length', async () => {
    const file = Buffer.concat([
      Buffer.from('A,ok\nB,\xa3\nC,\0\n', 'latin1'),
      Buffer.alloc(MAX_LINE_BYTES + 1, 'x'),
      Buffer.from('\nE,ok\n'),
    ])
    expect(await read(file, 65_536)).toEqual([
      { line: 1, fields: ['A', 'ok'] },
      { line: 2, fault: 'is not UTF-8' },
      { line: 3, fault: 'contains a NUL character' },
      { line: 4, fault: 'is longer than 1024 KiB' },
      { line: 5, fields: ['E', 'ok'] },
    ])
  })

  it('stops looking for a closing quote after a while', async () => {
    const records = await read(`A,"open\n${'B,ok\n'.repeat(1_200)}`, 1_000)
    expect(records).toHaveLength(1_201)
    expect(records[0]).toEqual({ line: 1, fault: 'has a quoted field that is never closed' })
    expect(records[1_200]).toEqual({ line: 1_201, fields: ['B', 'ok'] })
  })
})

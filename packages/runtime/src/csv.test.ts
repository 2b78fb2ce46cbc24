import { describe, expect, it } from 'vitest'
import { parseCsvLine, readCsv, readLines, toCsvLine, type CsvRecord } from './csv.ts'

async function* inChunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = async (content: string | Buffer, size = 7): Promise<CsvRecord[]> => {
  const records: CsvRecord[] = []
  for await (const batch of readCsv(inChunks(Buffer.from(content as string), size)))
    for (const record of batch) records.push(record)
  return records
}

describe('reading CSV', () => {
  it('reads a byte order mark, CRLF, quotes, commas and line breaks inside fields, and a last line without end', async () => {
    expect(await read('\ufeffsku,name\r\nA,"x, ""y""\r\nsecond"\r\n\r\nB,"£ 5"\r\n,,\r\nC,')).toEqual([
      { line: 1, fields: ['sku', 'name'] },
      { line: 2, fields: ['A', 'x, "y"\nsecond'] },
      { line: 5, fields: ['B', '£ 5'] },
      { line: 7, fields: ['C', ''] },
    ])
  })

  it('returns the same records whatever chunks the file arrives in', async () => {
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

  it('refuses one line for a quote that is never closed, or closed too late', async () => {
    expect(await read('A,"open\nB,"x"\nC,ok\nD,"open\nE,ok')).toEqual([
      { line: 1, fault: 'has text after a closing quote' },
      { line: 2, fields: ['B', 'x'] },
      { line: 3, fields: ['C', 'ok'] },
      { line: 4, fault: 'has a quoted field that is never closed' },
      { line: 5, fields: ['E', 'ok'] },
    ])
  })

  it('refuses one line for bytes that are not UTF-8, for NUL and for a line without end', async () => {
    const file = Buffer.concat([
      Buffer.from('A,ok\nB,\xa3\nC,\0\n', 'latin1'),
      Buffer.alloc(1024 * 1024 + 1, 'x'),
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

  it('reads a field of any number of lines, and stops looking for a closing quote by size', async () => {
    const long = Array.from({ length: 1_500 }, (_, at) => `line ${at}`).join('\n')
    expect(await read(`A,"${long}"\nB,ok\n`, 1_000)).toEqual([
      { line: 1, fields: ['A', long] },
      { line: 1_501, fields: ['B', 'ok'] },
    ])
    const row = `B,${'x'.repeat(1_021)}\n`
    const records = await read(`A,"open\n${row.repeat(600)}`, 65_536)
    expect(records).toHaveLength(601)
    expect(records[0]).toEqual({ line: 1, fault: 'has a quoted field that is never closed' })
    expect(records.at(-1)).toMatchObject({ line: 601, fields: ['B', expect.any(String)] })
  })

  it('names the line inside a record that cannot be read', async () => {
    expect(await read(Buffer.from('A,"one\ntwo \xa3\nthree"\nB,ok\n', 'latin1'))).toEqual([
      { line: 1, fault: 'goes on to line 2, which is not UTF-8' },
      { line: 2, fault: 'is not UTF-8' },
      { line: 3, fields: ['three"'] },
      { line: 4, fields: ['B', 'ok'] },
    ])
    expect(await read(Buffer.from('\ufeffsku,name\n', 'utf16le'))).toMatchObject([
      { line: 1, fault: 'is UTF-16 and not UTF-8' },
      { line: 2 },
    ])
  })

  it('keeps CRLF in a cell of a file whose lines end in LF, and takes it for the end of the file’s lines otherwise', async () => {
    expect(await read('a,b\n1,"x\r\ny\r\n"\n')).toMatchObject([{}, { fields: ['1', 'x\r\ny\r\n'] }])
    expect(await read('a,b\r\n1,"x\r\ny\r\n"\r\n')).toMatchObject([{}, { fields: ['1', 'x\ny\n'] }])
  })
})

it('cuts lines alone, for formats that have no records over several lines', async () => {
  const lines = []
  const file = Buffer.from(`{"a":1}\r\n\n${'x'.repeat(1_025)}\n{"b":2}`)
  for await (const batch of readLines(inChunks(file, 4), { maxLineKiB: 1 })) lines.push(...batch)
  expect(lines).toEqual([
    { line: 1, text: '{"a":1}' },
    { line: 2, text: '' },
    { line: 3, fault: 'is longer than 1 KiB' },
    { line: 4, text: '{"b":2}' },
  ])
})

it('reads back the fields that it wrote, whatever is in them', async () => {
  const fields = ['a,b', '"quoted"', 'two\nlines', 'CR\r\nLF\r\n', '\r', ' spaced ', 'plain', '', '-5']
  expect(await read(toCsvLine([...fields.slice(0, -1), -5]))).toEqual([{ line: 1, fields }])
})

describe('a cell that a spreadsheet would take for a formula', () => {
  it.each(['=1+1', '+44 20', '-5', '@SUM(A1)', '\tx', '\rx', "'=1", "''=1", '-'])(
    'is written %j with one apostrophe more, which reading takes off',
    async (text) => {
      const written = toCsvLine([text])
      expect(written.replace('"', '').slice(0, 2)).toBe(`'${text[0]}`)
      expect(await read(written)).toEqual([{ line: 1, fields: [text] }])
    },
  )

  it.each(["'tis", "''", "'", 'a=1', "rock 'n' roll", ' =1', "'ello =1"])(
    'is not %j, which keeps its own apostrophe',
    async (text) => {
      expect(toCsvLine([text]).trimEnd().replaceAll('"', '')).toBe(text)
      expect(await read(toCsvLine([text]))).toEqual([{ line: 1, fields: [text] }])
    },
  )
})

it.each([
  ['a,,"b ""c"", d"', ['a', '', 'b "c", d']],
  ['"a', null],
  ['"a"b', null],
])('parses the single line %j as %j', (line, fields) => {
  expect(parseCsvLine(line)).toEqual(fields)
})

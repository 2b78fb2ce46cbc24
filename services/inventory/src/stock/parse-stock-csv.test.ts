import { expect, it } from 'vitest'
import { BadHeader, parseStockCsv, type ParsedLine } from './parse-stock-csv.ts'

/** The text as it comes over the wire, cut in odd places. */
const chunked = async function* (text: string, size = 7) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const read = async (text: string, size?: number) => {
  const lines: ParsedLine[] = []
  for await (const line of parseStockCsv(chunked(text, size), 'main')) lines.push(line)
  return lines
}
const errorsOf = async (text: string) =>
  (await read(text)).flatMap((line) => ('errors' in line ? line.errors.map(({ path }) => path) : []))

it('takes columns in any order, with a byte order mark, CRLF, quotes and empty lines', async () => {
  expect(await read('\ufeffonHand,sku,location\r\n5, mug-1 ,\r\n\r\n"7","CUP","annex"\r\n')).toEqual([
    { line: 2, sku: 'MUG-1', location: 'main', onHand: 5 },
    { line: 4, sku: 'CUP', location: 'annex', onHand: 7 },
  ])
})

it('takes spaces around quoted values, as around others', async () => {
  expect(await read('sku, "onHand"\n "MUG" , "5" \n"CUP",\t7\n')).toMatchObject([
    { line: 2, sku: 'MUG', onHand: 5 },
    { line: 3, sku: 'CUP', onHand: 7 },
  ])
})

it.each(['"MUG,5', 'MUG",5', 'MU"G,5', '"MUG"x,5', 'x"MUG",5', '"MU""G",5'])(
  'refuses the line %j for its quotes and goes on',
  async (line) => {
    expect(await read(`sku,onHand\n${line}\nCUP,2\n`)).toMatchObject([
      { line: 2, errors: [{ path: '' }] },
      { line: 3, sku: 'CUP' },
    ])
  },
)

it('reads characters of several bytes that fall between two chunks', async () => {
  expect(await read('sku,onHand\nMÜG,1\nCUP,2\n', 1)).toMatchObject([
    { line: 2, errors: [{ path: 'sku' }] },
    { onHand: 2 },
  ])
})

it.each(['-1', '1.5', '1e3', '', 'many', '0x10', '9007199254740992', '1000000001', '1e308', 'NaN'])(
  'refuses %j as a count and goes on',
  async (onHand) => {
    expect(await read(`sku,onHand\nMUG,${onHand}\nCUP,2\n`)).toMatchObject([
      { line: 2, errors: [{ path: 'onHand' }] },
      { line: 3, sku: 'CUP' },
    ])
  },
)

it('reports all faults of a line', async () => {
  expect(await errorsOf('sku,onHand,location\n-,-,Ängelholm\n')).toEqual(['sku', 'onHand', 'location'])
})

it('lets a bad line cost only itself', async () => {
  const lines = await read(`sku,onHand\n"MUG,5\nA,1,2\nB\n${'x'.repeat(5_000)},1\nCUP,2`)
  expect(lines.map((line) => [line.line, 'errors' in line])).toEqual([
    [2, true],
    [3, true],
    [4, true],
    [5, true],
    [6, false],
  ])
})

it.each([
  ['', 'header'],
  ['\n\n', 'header'],
  ['"sku,onHand\nA,1', 'header'],
  ['sku\nA', 'onHand'],
  ['sku,onHand,colour\nA,1,red', 'colour'],
  ['sku,sku,onHand\nA,A,1', 'sku'],
  ['{"sku":"A","onHand":1}', ''],
])('refuses a file that begins with %j', async (text, path) => {
  const refused = read(text)
  await expect(refused).rejects.toBeInstanceOf(BadHeader)
  if (path) await expect(refused).rejects.toMatchObject({ path })
})

it('takes no SKU for another one whose letters it would get in upper case', async () => {
  expect(await errorsOf('sku,onHand\nSTRAßE-1,5\nKAPı-1,5\nſKU-1,5\n')).toEqual(['sku', 'sku', 'sku'])
})

it('reads over the empty columns that a spreadsheet adds, and refuses semicolons', async () => {
  expect(await read('sku,onHand,,\nMUG,5,,\nCUP,7\nPOT,1,,x\n')).toMatchObject([
    { sku: 'MUG', onHand: 5 },
    { sku: 'CUP', onHand: 7 },
    { line: 4, errors: [{ path: '' }] },
  ])
  await expect(read('sku;onHand\nMUG;5\n')).rejects.toThrow('separate them by commas')
  await expect(read(Buffer.from('sku,onHand\n', 'utf16le').toString('latin1'))).rejects.toThrow(BadHeader)
})

import { describe, expect, it } from 'vitest'
import { counts, gbp, useCatalog, type Answer } from './harness.ts'

// Files that merchants really send: what spreadsheets, other systems and other languages make of texts.

const catalog = useCatalog()

const read = async (slug: string) => (await catalog.get(`/v1/products/${slug}`, 'staff')).body
const skusOf = async (slug: string) => (await read(slug)).variants.map(({ sku }) => sku)
const create = (body: Record<string, unknown>) => catalog.send('POST', '/v1/products', { as: 'staff', body })
const errors = ({ body }: Answer) =>
  body.rejected.map(({ line, errors: found }) => [line, found.map(({ path }) => path).join()])
const ndjsonOf = (handle: string, sku: string) => ({
  product: handle,
  name: 'Pad',
  variants: [{ sku, name: sku, price: gbp(100) }],
})

describe('a handle', () => {
  it('is one whatever blanks and Unicode form it is written in, in a file and in two', async () => {
    const pads = ['PAD', 'PAD ', ' PAD', 'PAD\t', 'PAD\u00a0', '\u3000PAD\n']
    const one = await catalog.importNdjson(
      pads.slice(0, 3).map((handle, at) => ndjsonOf(handle, `PAD-${at}`)),
    )
    expect(counts(one)).toEqual([3, 0, 0, 0])
    const two = await catalog.importNdjson(
      pads.slice(3).map((handle, at) => ndjsonOf(handle, `PAD-${at + 3}`)),
    )
    expect(counts(two)).toEqual([3, 0, 0, 0])
    expect(await skusOf('pad')).toEqual(['PAD-0', 'PAD-1', 'PAD-2', 'PAD-3', 'PAD-4', 'PAD-5'])
    const rows = [' PAD,PAD-6', '"PAD\t",PAD-7', 'PAD\u00a0,PAD-8'].map((row) => `${row},Pad,1,GBP`)
    const csv = await catalog.importCsv(`product,sku,name,price,currency\n${rows.join('\n')}\n`)
    expect(counts(csv)).toEqual([3, 0, 0, 0])
    expect(await skusOf('pad')).toHaveLength(9)
  })

  it('may have letters of any script, next to a slug in one statement', async () => {
    const rows = ['tasse-größe', 'tasse-gro\u0308ße', 'マグ', 'pad'].map(
      (handle, at) => `${handle},GR-${at},T,1,GBP`,
    )
    const answer = await catalog.importCsv(`product,sku,name,price,currency\n${rows.join('\n')}\n`)
    expect(counts(answer)).toEqual([4, 0, 0, 0])
    const exported = (await catalog.get('/v1/products/export', 'staff')).text
    expect(exported).toContain('GR-0,tasse-größe,')
    expect(exported).toContain('GR-1,tasse-größe,')
    expect(exported).toContain('GR-2,マグ,')
    expect(counts(await catalog.importCsv(exported)).slice(0, 2)).toEqual([0, 0])
  })

  it('that cannot be stored costs its line and no other', async () => {
    const rows = [`${'x'.repeat(121)},H-1`, 'a\u0001b,H-2', 'fine,H-3'].map((row) => `${row},T,1,GBP`)
    const answer = await catalog.importCsv(`product,sku,name,price,currency\n${rows.join('\n')}\n`)
    expect(counts(answer)).toEqual([1, 0, 0, 2])
    expect(errors(answer)).toEqual([
      [2, 'product'],
      [3, 'product'],
    ])
  })
})

describe('texts', () => {
  it('come back from an export to the byte', async () => {
    const description = 'Line one\r\nLine two\r\n'
    const made = await create({
      name: 'Towel',
      description,
      attributes: { care: ' hand wash ', constructor: 'Bauhaus', quoted: "'=1" },
      variants: [{ sku: 'TOWEL', name: '=1+1', price: gbp(100) }],
    })
    expect(made.status, made.text).toBe(201)
    const plain = [{ sku: 'PLAIN', name: "'tis", price: gbp(100) }]
    await create({ name: 'Plain', attributes: { 'CARE ': 'none' }, variants: plain })
    const exported = (await catalog.get('/v1/products/export', 'staff')).text
    expect(exported.split('\n')[0]?.match(/attributes\.care\b/gi)).toHaveLength(1)
    const again = await catalog.importCsv(exported)
    expect(again.body).toMatchObject({ created: 0, updated: 0, rejectedCount: 0 })
    expect(await read('towel')).toMatchObject({
      description,
      attributes: { care: ' hand wash ', constructor: 'Bauhaus', quoted: "'=1" },
      variants: [{ name: '=1+1' }],
    })
    expect(await read('plain')).toHaveProperty('attributes', { CARE: 'none' })
    expect((await catalog.get('/v1/products/export', 'staff')).text).toBe(exported)
  })

  it('that would be a formula are exported as text', async () => {
    const names = ['=1+1', '+44', '-5', '@x', '\tx', "'=1"]
    await catalog.importNdjson(
      names.map((name, at) => ({
        name: `F${at}`,
        description: name,
        variants: [{ sku: `F-${at}`, price: gbp(1) }],
      })),
    )
    const exported = (await catalog.get('/v1/products/export', 'staff')).text
    for (const at of names.keys()) expect(exported).toMatch(new RegExp(`F-${at},,F${at},"?''?[=+@\\t-]`))
    expect(counts(await catalog.importCsv(exported)).slice(0, 2)).toEqual([0, 0])
    for (const [at, description] of names.entries())
      expect(await read(`f${at}`)).toMatchObject({ description })
  })

  it('of 1,500 lines are one cell', async () => {
    const description = Array.from({ length: 1_500 }, (_, at) => `line ${at}`).join('\n')
    const answer = await catalog.importCsv(
      `sku,name,price,currency,description\nLONG,Long,1,GBP,"${description}"\n`,
    )
    expect(counts(answer)).toEqual([1, 0, 0, 0])
    expect(await read('long')).toMatchObject({ description })
  })
})

it('no SKU is taken for another one whose letters it would get in upper case', async () => {
  await catalog.importCsv('sku,name,price,currency\nSTRASSE-1,Road,1,GBP\nKAPI-1,Door,1,GBP\n')
  const answer = await catalog.importCsv('sku,price\nSTRAßE-1,9\nKAPı-1,9\nstrasse-1,1\n')
  expect(counts(answer)).toEqual([0, 0, 1, 2])
  expect(errors(answer)).toEqual([
    [2, 'sku'],
    [3, 'sku'],
  ])
  expect(await read('road')).toMatchObject({ price: gbp(100) })
})

describe('a file as a spreadsheet writes it', () => {
  const rows = [
    ['sku', 'name', 'price', 'currency', 'description'],
    ['SHEET-1', 'Mug, "large"', '12.99', 'GBP', 'Two\nlines'],
    ['SHEET-2', 'Cup', '5.00', 'GBP', "It's"],
  ]
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`
  const needed = (cell: string) => (/[",\n]/.test(cell) ? quoted(cell) : cell)
  const write = (cell: (text: string) => string, end: string, more = '') =>
    rows.map((row) => row.map(cell).join(',') + more + end).join('')

  it('is the same file', async () => {
    expect(counts(await catalog.importCsv(write(needed, '\n')))).toEqual([2, 0, 0, 0])
    for (const file of [
      write(quoted, '\n'),
      write(needed, '\r\n'),
      `\ufeff${write(quoted, '\r\n')}`,
      write(needed, '\r\n', ',,'),
      write((cell) => needed(cell.replace('5.00', '5')), '\n'),
      // Converted as a whole, with the line ends inside of cells.
      write(needed, '\n').replaceAll('\n', '\r\n'),
    ])
      expect(counts(await catalog.importCsv(file)), file).toEqual([0, 0, 2, 0])
  })

  it('is refused with its reason where it cannot be read', async () => {
    for (const [file, message] of [
      [write(needed, '\n').replaceAll(',', ';'), 'separate them by commas'],
      [Buffer.from(write(needed, '\n'), 'utf16le'), 'line 1 contains a NUL'],
      [Buffer.from('\ufeffsku,name\n', 'utf16le'), 'line 1 is UTF-16'],
      [Buffer.from('sku,\xe4\n', 'latin1'), 'line 1 is not UTF-8'],
      ['sku,,name\nA,,B\n', 'column 2 has no name'],
      [`sku,${'x'.repeat(10 * 1024 * 1024)}\n`, 'line 1 is longer than'],
    ] as [string | Buffer, string][]) {
      const answer = await catalog.importCsv(file)
      expect(answer.status, message).toBe(400)
      expect(answer.body.errors[0]?.message).toContain(message)
    }
  })

  it('costs a line of 10 MB, or a record that is cut off, and nothing else', async () => {
    const whole = 'sku,name,price,currency,description\nCUT-1,One,1,GBP,a\n'
    const long = await catalog.importCsv(
      `${whole}CUT-2,Two,1,GBP,${'x'.repeat(10 * 1024 * 1024)}\nCUT-3,Three,1,GBP,c\n`,
    )
    expect(counts(long)).toEqual([2, 0, 0, 1])
    const cut = await catalog.importCsv(`${whole}CUT-4,Four,1,GBP,"begun\nand never`)
    expect(counts(cut)).toEqual([0, 0, 1, 2])
    expect(errors(cut)).toEqual([
      [3, ''],
      [4, ''],
    ])
    const line = await catalog.importCsv(
      `${JSON.stringify(ndjsonOf('cut', 'CUT-5'))}\n{"name":"cut off`,
      'application/x-ndjson',
    )
    expect(counts(line)).toEqual([1, 0, 0, 1])
  })
})

it('attribute names of what was deleted are no columns', async () => {
  const made = await create({
    name: 'Gone',
    attributes: { gone: 'x' },
    variants: [{ sku: 'GONE', price: gbp(1) }],
  })
  expect((await catalog.get('/v1/products/export', 'staff')).text).toContain('attributes.gone')
  await catalog.send('DELETE', `/v1/products/${made.body.id}`, { as: 'staff' })
  expect((await catalog.get('/v1/products/export', 'staff')).text).not.toContain('attributes.gone')
})

describe('prices in several currencies', () => {
  const header = 'sku,name,price,currency,price.EUR,price.JPY,compareAtPrice,compareAtPrice.EUR\n'
  const prices = async () => (await read('lamp')).variants[0] as unknown as { prices: object[] }

  it('are a column for each, and come back from an export in both formats', async () => {
    expect(counts(await catalog.importCsv(`${header}LAMP,Lamp,12.99,GBP,14.5,1500,19.99,\n`))).toEqual([
      1, 0, 0, 0,
    ])
    const stated = [
      { amount: 1450, currency: 'EUR', compareAtPrice: null },
      { amount: 1299, currency: 'GBP', compareAtPrice: gbp(1999) },
      { amount: 1500, currency: 'JPY', compareAtPrice: null },
    ]
    expect(await prices()).toMatchObject({ prices: stated })
    const csv = (await catalog.get('/v1/products/export', 'staff')).text
    expect(csv).toContain('price.EUR,price.JPY,compareAtPrice,compareAtPrice.EUR,compareAtPrice.JPY\n')
    const ndjson = (await catalog.get('/v1/products/export?format=ndjson', 'staff')).text
    for (const answer of [
      await catalog.importCsv(csv),
      await catalog.importCsv(ndjson, 'application/x-ndjson'),
    ])
      expect(answer.body).toMatchObject({ created: 0, updated: 0, rejected: [] })

    const changed = `${header}LAMP,,11.99,GBP,,,0,17\n`
    expect(counts(await catalog.importCsv(changed))).toEqual([0, 1, 0, 0])
    expect(await prices()).toMatchObject({
      prices: [
        { amount: 1450, compareAtPrice: { amount: 1700, currency: 'EUR' } },
        { amount: 1199, compareAtPrice: null },
        { amount: 1500 },
      ],
    })
    expect(counts(await catalog.importCsv(ndjson, 'application/x-ndjson'))[1]).toBe(1)
    expect(await prices()).toMatchObject({ prices: stated })
  })

  it('that make no sense are errors of their columns', async () => {
    const rows = [
      'LAMP,,1,GBP,1.005,,,',
      'LAMP,,1,GBP,,1.0,,',
      'LAMP,,9,GBP,,,8,',
      'LAMP,,1,EUR,2,,,',
      'LAMP,,1,,,,,',
      'LAMP,,-1,GBP,,,,',
      'NEW,New,,,,,5,',
    ]
    const answer = await catalog.importCsv(header + rows.map((row) => `${row}\n`).join(''))
    expect(errors(answer)).toEqual(
      ['price.EUR', 'price.JPY', 'compareAtPrice', 'price.EUR', 'currency', 'price', 'currency'].map(
        (path, at) => [at + 2, path],
      ),
    )
    expect((await catalog.importCsv('sku,price.ABC\nA,1\n')).body.errors).toMatchObject([
      { path: 'price.ABC' },
    ])
    const bhd = await catalog.importCsv('sku,name,price,currency\nBHD,Bhd,1.2345,BHD\nBHD-2,Bhd,1.234,BHD\n')
    expect(counts(bhd)).toEqual([1, 0, 0, 1])
  })
})

import { describe, expect, it } from 'vitest'
import { readHeader, toRow as csvRow } from './csv-rows.ts'
import { toRow as jsonRow } from './ndjson-rows.ts'
import { toMajorUnits, toMinorUnits } from './major-units.ts'
import { resolvePrices, type RowPrice } from './row-prices.ts'
import type { ReadLine } from './row.ts'

const errorPaths = (read: ReadLine) => ('errors' in read ? read.errors.map(({ path }) => path) : [])

describe('a CSV row', () => {
  const names = [
    'sku',
    'name',
    'description',
    'category',
    'price',
    'currency',
    'status',
    'image',
    'media',
    'product',
    'attributes.colour',
    'attributes.constructor',
  ]
  const header = readHeader(names)
  const row = (cells: Record<string, string>) =>
    csvRow(
      header,
      2,
      names.map((name) => cells[name] ?? ''),
    )

  it('has what its cells state and nothing where they are empty', () => {
    expect(
      row({
        sku: ' mug-1 ',
        name: ' Mug ',
        category: 'Home > Mugs',
        price: '12.99',
        currency: 'GBP',
        'attributes.colour': 'blue',
      }),
    ).toMatchObject({
      row: {
        line: 2,
        categories: [['Home', 'Mugs']],
        isOneCategory: true,
        status: undefined,
        variants: [
          {
            sku: 'MUG-1',
            name: 'Mug',
            prices: { list: [{ amount: '12.99', currency: 'GBP' }], isWhole: false },
            attributes: { colour: 'blue' },
          },
        ],
      },
    })
  })

  it('is rejected with every invalid cell', () => {
    expect(
      errorPaths(
        row({
          sku: '!',
          name: 'x'.repeat(201),
          category: '>',
          status: 'gone',
          image: 'javascript:alert(1)',
          currency: 'GBP',
        }),
      ).sort(),
    ).toEqual(['category', 'image', 'name', 'price', 'sku', 'status'])
    expect(errorPaths(row({ name: 'no sku' }))).toEqual(['sku'])
    expect(errorPaths(csvRow(header, 2, ['A', 'too few']))).toEqual([''])
  })

  it('keeps texts as they are and the form of everything else', () => {
    const description = ' Line one\r\nLine two\r\n'
    expect(
      row({
        sku: 'A',
        description,
        product: ' tasse-gro\u0308ße\u00a0\t 1 ',
        category: 'Home > Mugs\nSale\nhome>mugs',
        media: '[{"url":"https://example.com/a.jpg","alt":"A"}]',
        'attributes.colour': ' hand wash ',
        'attributes.constructor': 'Bauhaus',
      }),
    ).toMatchObject({
      row: {
        handle: 'tasse-größe 1',
        categories: [['home', 'mugs'], ['Sale']],
        isOneCategory: false,
        edits: { description, media: [{ url: 'https://example.com/a.jpg', alt: 'A' }] },
        variants: [{ attributes: { colour: ' hand wash ', constructor: 'Bauhaus' } }],
      },
    })
  })

  it('is rejected for a SKU that upper case would make another one, and for JSON that does not fit', () => {
    for (const sku of ['STRAßE-1', 'KAPı-1', 'ﬀ']) expect(errorPaths(row({ sku })), sku).toEqual(['sku'])
    expect(errorPaths(row({ sku: 'A', media: '{' }))).toEqual(['media'])
    expect(errorPaths(row({ sku: 'A', media: '[{"url":"javascript:x"}]' }))).toEqual(['media.0.url'])
    const media = '[{"url":"https://example.com/a.jpg"}]'
    expect(errorPaths(row({ sku: 'A', media, image: 'https://example.com/b.jpg' }))).toEqual(['image'])
    expect(errorPaths(row({ sku: 'A', product: 'a\u0001' }))).toEqual(['product'])
  })

  it('may have empty columns after its last, as spreadsheets write them', () => {
    const columns = readHeader(['sku', 'name', '', ' '])
    expect(columns).toHaveLength(2)
    expect(csvRow(columns, 2, ['A', 'Mug', '', ''])).toHaveProperty('row')
    expect(csvRow(columns, 2, ['A', 'Mug'])).toHaveProperty('row')
    expect(errorPaths(csvRow(columns, 2, ['A', 'Mug', '', 'x']))).toEqual([''])
    expect(() => readHeader(['sku', '', 'name'])).toThrow()
    expect(() => readHeader(['sku;name;price'])).toThrow()
  })

  it('needs a header of known columns, in any order, once each', () => {
    expect(readHeader(['price', ' sku', 'attributes. Size\u00a0UK ']).map(({ name }) => name)).toEqual([
      'price',
      'sku',
      'attributes.Size UK',
    ])
    for (const cells of [
      ['sku', 'prise'],
      ['sku', 'sku'],
      ['name'],
      ['sku', 'attributes.'],
      ['sku', 'SKU'],
      ['sku', 'attributes.a b', 'attributes.a  b'],
      ['sku', 'constructor'],
      [''],
    ])
      expect(() => readHeader(cells), cells.join()).toThrow()
  })
})

describe('a line of JSON', () => {
  const line = (product: unknown) => jsonRow(7, JSON.stringify(product))
  const variants = [{ sku: 'a', price: { amount: 100, currency: 'GBP' } }]

  it('is a product', () => {
    expect(line({ name: 'Mug', slug: 'mug', status: 'draft', variants })).toMatchObject({
      row: { line: 7, edits: { name: 'Mug', slug: 'mug' }, status: 'draft', variants: [{ sku: 'A' }] },
    })
  })

  it('is rejected with every invalid field', () => {
    expect(errorPaths(jsonRow(1, '{'))).toEqual([''])
    expect(errorPaths(line(7))).toEqual([''])
    expect(errorPaths(line({ name: 'Mug' }))).toEqual(['variants'])
    expect(errorPaths(line({ name: 1, colour: 'blue', variants })).sort()).toEqual(['colour', 'name'])
    expect(errorPaths(line({ variants: [...variants, { sku: 'A ' }] }))).toEqual(['variants.1.sku'])
    expect(errorPaths(line({ variants: [{ sku: 'A', price: { amount: -1, currency: 'GBP' } }] }))).toEqual([
      'variants.0.price.amount',
    ])
    expect(errorPaths(line({ variants: [{ sku: 'A', price: { amount: 1, currency: 'ABC' } }] }))).toEqual([
      'variants.0.price.currency',
    ])
    expect(errorPaths(line({ slug: 'export', variants }))).toEqual(['slug'])
    expect(errorPaths(line({ product: '\u00a0', variants }))).toEqual(['product'])
    expect(errorPaths(line({ category: 'A', categories: ['B'], variants }))).toEqual(['category'])
    expect(errorPaths(line({ variants: [{ sku: 'STRAßE-1' }] }))).toEqual(['variants.0.sku'])
  })
})

it('reads prices exactly, by the digits of their currency', () => {
  expect(toMinorUnits('12.99', 'GBP')).toBe(1299)
  expect(toMinorUnits('0.1', 'GBP')).toBe(10)
  expect(toMinorUnits('1.10', 'GBP')).toBe(110)
  expect(toMinorUnits('12', 'JPY')).toBe(12)
  expect(toMinorUnits('1.005', 'KWD')).toBe(1005)
  expect(toMinorUnits('0.00', 'GBP')).toBe(0)
})

it('refuses text that is not a price', () => {
  for (const text of [
    '',
    '-1',
    '12,99',
    '£12.99',
    '1e3',
    '.5',
    '5.',
    '1.005',
    '1.500',
    '0x10',
    'NaN',
    '1 000',
    '99999999999999',
  ])
    expect(toMinorUnits(text, 'GBP'), text).toHaveProperty('fault')
  expect(toMinorUnits('1.5', 'JPY')).toHaveProperty('fault')
  expect(toMinorUnits('1.0', 'JPY')).toHaveProperty('fault')
  expect(toMinorUnits('1.0005', 'BHD')).toHaveProperty('fault')
  expect(toMinorUnits('1', 'ABC')).toHaveProperty('fault')
})

it('writes prices as it reads them', () => {
  expect(toMajorUnits(1299, 'GBP')).toBe('12.99')
  expect(toMajorUnits(5, 'GBP')).toBe('0.05')
  expect(toMajorUnits(5, 'JPY')).toBe('5')
  expect(toMajorUnits(5, 'KWD')).toBe('0.005')
})

describe('the prices of a line', () => {
  const has = (amount: number, currency: string, compareAt: number | null = null) => ({
    amount,
    currency,
    compareAt,
    lowestBefore: amount,
  })
  const states = (more: Partial<RowPrice>): RowPrice => ({
    currency: undefined,
    amount: undefined,
    compareAt: undefined,
    field: 'price',
    compareAtField: 'compareAtPrice',
    ...more,
  })
  const resolve = (list: RowPrice[], present = [has(1_299, 'GBP', 1_500)]) => {
    const found = resolvePrices({ list, isWhole: false }, present)
    return 'errors' in found
      ? found.errors
      : found.prices.map(({ amount, currency, compareAt }) => [amount, currency, compareAt])
  }
  const cleared = states({ currency: 'GBP', compareAt: null, field: 'clear' })

  it('may clear what a price is compared with, beside a new price or without one', () => {
    expect(resolve([cleared])).toEqual([[1_299, 'GBP', null]])
    expect(resolve([states({ amount: '16.00' }), cleared])).toEqual([[1_600, 'GBP', null]])
    expect(resolve([states({ compareAt: null })], [has(1, 'EUR', 2), has(3, 'GBP', 4)])).toEqual([
      [1, 'EUR', null],
      [3, 'GBP', null],
    ])
    expect(resolve([cleared], [])).toEqual([{ path: 'clear', message: 'is required' }])
  })

  it('are above 0, but for a 0 that is stored already', () => {
    expect(resolve([states({ amount: '0.00' })])).toEqual([{ path: 'price', message: 'is not above 0' }])
    expect(resolve([states({ amount: '0.00' })], [has(0, 'GBP')])).toEqual([[0, 'GBP', null]])
  })
})

it('a category of null in NDJSON takes a product out of its categories, as an empty list does', () => {
  for (const none of [{ category: null }, { categories: null }, { categories: [] }]) {
    const read = jsonRow(1, JSON.stringify({ ...none, variants: [{ sku: 'PAN' }] }))
    expect('row' in read && read.row).toMatchObject({ categories: [], isOneCategory: false })
  }
})

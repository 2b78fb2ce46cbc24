import { describe, expect, it } from 'vitest'
import { readHeader, toRow as csvRow } from './csv-rows.ts'
import { toRow as jsonRow } from './ndjson-rows.ts'
import { toMajorUnits, toMinorUnits, type ReadLine } from './row.ts'

const errorPaths = (read: ReadLine) => ('errors' in read ? read.errors.map(({ path }) => path) : [])

describe('a CSV row', () => {
  const header = [
    'sku',
    'name',
    'category',
    'price',
    'currency',
    'status',
    'image',
    'product',
    'attributes.colour',
  ]
  const row = (cells: Record<string, string>) =>
    csvRow(
      header,
      2,
      header.map((name) => cells[name] ?? ''),
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
        category: ['Home', 'Mugs'],
        status: undefined,
        variants: [
          {
            sku: 'MUG-1',
            name: 'Mug',
            price: { major: '12.99', currency: 'GBP' },
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

  it('needs a header of known columns, in any order, once each', () => {
    expect(readHeader(['price', ' sku', 'attributes.Size UK'])).toEqual([
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
  })
})

it('reads prices exactly, by the digits of their currency', () => {
  expect(toMinorUnits('12.99', 'GBP')).toBe(1299)
  expect(toMinorUnits('0.1', 'GBP')).toBe(10)
  expect(toMinorUnits('1.10', 'GBP')).toBe(110)
  expect(toMinorUnits('12', 'JPY')).toBe(12)
  expect(toMinorUnits('1.005', 'KWD')).toBe(1005)
  expect(toMinorUnits('1.5000', 'GBP')).toBe(150)
  expect(toMinorUnits('0', 'GBP')).toBe(0)
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
    '0x10',
    'NaN',
    '1 000',
    '99999999999999',
  ])
    expect(toMinorUnits(text, 'GBP'), text).toHaveProperty('fault')
  expect(toMinorUnits('1.5', 'JPY')).toHaveProperty('fault')
  expect(toMinorUnits('1', 'ABC')).toHaveProperty('fault')
})

it('writes prices as it reads them', () => {
  expect(toMajorUnits(1299, 'GBP')).toBe('12.99')
  expect(toMajorUnits(5, 'GBP')).toBe('0.05')
  expect(toMajorUnits(5, 'JPY')).toBe('5')
  expect(toMajorUnits(5, 'KWD')).toBe('0.005')
})

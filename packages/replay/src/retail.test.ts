import { describe, expect, it } from 'vitest'
import { collectRetail, countryCode, goodsSku, skipReason, toMinorUnits } from './retail.ts'
import type { RetailLine } from './retail-file.ts'

const line = (change: Partial<RetailLine> = {}): RetailLine => ({
  invoice: '536365',
  code: '85123A',
  description: 'WHITE HANGING HEART',
  quantity: 6,
  date: '2010-12-01 08:26:00',
  unitPrice: 2.55,
  customer: '17850',
  country: 'United Kingdom',
  ...change,
})

describe('stock codes', () => {
  it.each(['85123A', '22423', '15056BL', ' 85123a ', 'DCGS0003', 'dcgssgirl'])(
    'accepts %j as goods',
    (code) => {
      expect(goodsSku(code)).toBe(code.trim().toUpperCase())
    },
  )

  it.each([
    'POST',
    'DOT',
    'M',
    'D',
    'C2',
    'S',
    'B',
    'BANK CHARGES',
    'AMAZONFEE',
    'CRUK',
    'PADS',
    'gift_0001_40',
  ])('rejects %j as goods', (code) => {
    expect(goodsSku(code)).toBeNull()
  })

  it('rejects 23444, which is carriage with a code like goods', () => {
    expect(goodsSku('23444')).toBeNull()
  })
})

describe('lines that cannot be ordered', () => {
  it.each([
    [{ invoice: 'C536379' }, 'cancellation'],
    [{ invoice: 'A563185' }, 'not an invoice'],
    [{ code: 'POST' }, 'not goods (fee, voucher, correction)'],
    [{ quantity: -3 }, 'quantity not positive'],
    [{ quantity: 0 }, 'quantity not positive'],
    [{ quantity: Number.NaN }, 'quantity not positive'],
    [{ unitPrice: 0 }, 'no price'],
    [{ unitPrice: 0.001 }, 'no price'],
    [{ unitPrice: -11.62 }, 'no price'],
    [{ unitPrice: Number.NaN }, 'no price'],
  ])('skips %j: %s', (change, reason) => {
    expect(skipReason(line(change))).toBe(reason)
  })

  it('accepts goods at a price', () => {
    expect(skipReason(line())).toBeNull()
  })
})

describe('the products of a retail file', () => {
  it('have the most frequent price, rounded to pence, the lower of two as frequent', async () => {
    expect(toMinorUnits(1.045)).toBe(105)
    const { products } = await collectRetail([
      line({ unitPrice: 2.95 }),
      line({ unitPrice: 2.55 }),
      line({ unitPrice: 2.55 }),
      line({ code: '22423', unitPrice: 12.75 }),
      line({ code: '22423', unitPrice: 10.95 }),
    ])
    expect(products.map(({ sku, priceMinor }) => [sku, priceMinor])).toEqual([
      ['22423', 1095],
      ['85123A', 255],
    ])
  })

  it('are named by their newest line with a price, not by a note about damage', async () => {
    const { products } = await collectRetail([
      line({ description: 'NEW  NAME ', date: '2011-02-01 10:00:00' }),
      line({ description: 'OLD NAME', date: '2010-12-01 10:00:00' }),
      line({ description: '', date: '2011-03-01 10:00:00' }),
      line({ description: 'wet/rusty', date: '2011-04-01 10:00:00', unitPrice: 0, quantity: -20 }),
    ])
    expect(products).toEqual([{ sku: '85123A', name: 'NEW NAME', priceMinor: 255 }])
  })
})

describe('the orders of a retail file', () => {
  it('sum up the lines of one SKU, whatever its case', async () => {
    const { orders } = await collectRetail([
      line(),
      line({ code: '85123a', quantity: 4 }),
      line({ code: 'POST' }),
    ])
    expect(orders).toEqual([
      {
        invoice: '536365',
        customer: '17850',
        country: 'United Kingdom',
        lines: [{ sku: '85123A', quantity: 10 }],
      },
    ])
  })

  it('leave out what cannot be ordered, counted by reason', async () => {
    const { orders, skipped, totals } = await collectRetail([
      line({ invoice: 'C536379', quantity: -1 }),
      line({ invoice: '536380', code: 'POST' }),
      line({ invoice: '536381', unitPrice: 0, customer: '' }),
      line({ invoice: '536382', customer: '' }),
      line({ invoice: '536382', code: '99999', quantity: -2 }),
    ])
    expect(orders).toMatchObject([{ invoice: '536382', customer: null }])
    expect(skipped).toEqual({
      invoices: { cancellation: 1, 'no line that is goods at a price': 2 },
      lines: {
        cancellation: 1,
        'not goods (fee, voucher, correction)': 1,
        'no price': 1,
        'quantity not positive': 1,
      },
      codes: { 'not goods (fee, voucher, correction)': 1, 'goods, but never sold at a price': 1 },
    })
    expect(totals).toEqual({ invoices: 4, lines: 5, codes: 3 })
  })
})

it.each([
  ['United Kingdom', 'GB'],
  ['EIRE', 'IE'],
  ['France', 'FR'],
  ['USA', 'US'],
  ['Channel Islands', 'JE'],
  ['Unspecified', 'GB'],
])('maps the country %s to %s', (name, code) => {
  expect(countryCode(name)).toBe(code)
})

import { expect, it } from 'vitest'
import { countryCode } from './countries.ts'
import { chooseOrders, planStock } from './plan.ts'
import type { RetailOrder } from './retail.ts'

const order = (invoice: string, ...lines: [sku: string, quantity: number][]): RetailOrder => ({
  invoice,
  customer: null,
  country: 'France',
  lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
})

it('takes the first orders, and in place of the last of them those that are asked for by name', () => {
  const orders = ['1', '2', '3', '4', '5'].map((invoice) => order(invoice))
  const invoices = (limit: number, also?: string[]) =>
    chooseOrders(orders, limit, also).map(({ invoice }) => invoice)
  expect(invoices(2)).toEqual(['1', '2'])
  expect(invoices(3, ['5'])).toEqual(['1', '2', '5'])
  expect(invoices(3, ['1'])).toEqual(['1', '2', '3'])
  expect(invoices(9)).toEqual(['1', '2', '3', '4', '5'])
  expect(() => invoices(2, ['C5'])).toThrow('no order can be made of invoice C5')
})

it('puts four fifths of what is wanted of every tenth SKU into stock, and all of the others', () => {
  const products = Array.from({ length: 11 }, (_, at) => ({ sku: `S${10 + at}`, name: 'x', priceMinor: 1 }))
  const stock = planStock(products, [order('1', ['S10', 4], ['S11', 5]), order('2', ['S10', 5], ['S20', 1])])
  expect(stock.get('S10')).toBe(7)
  expect(stock.get('S11')).toBe(5)
  expect(stock.get('S20')).toBe(0)
  expect(stock.get('S12')).toBe(0)
})

it.each([
  ['United Kingdom', 'GB'],
  ['EIRE', 'IE'],
  ['France', 'FR'],
  ['USA', 'US'],
  ['Channel Islands', 'JE'],
  ['Unspecified', 'GB'],
])('knows the country %s', (name, code) => {
  expect(countryCode(name)).toBe(code)
})

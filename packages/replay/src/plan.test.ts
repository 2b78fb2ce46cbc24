import { expect, it } from 'vitest'
import { chooseOrders, planStock } from './plan.ts'
import type { RetailOrder } from './retail.ts'

const order = (invoice: string, ...lines: [sku: string, quantity: number][]): RetailOrder => ({
  invoice,
  customer: null,
  country: 'France',
  lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
})

it('chooses the named invoices first, then the others in file order', () => {
  const orders = ['1', '2', '3', '4', '5'].map((invoice) => order(invoice))
  const invoices = (limit: number, first?: string[]) =>
    chooseOrders(orders, limit, first).map(({ invoice }) => invoice)
  expect(invoices(2)).toEqual(['1', '2'])
  expect(invoices(3, ['5'])).toEqual(['5', '1', '2'])
  expect(invoices(3, ['2'])).toEqual(['2', '1', '3'])
  expect(invoices(9)).toEqual(['1', '2', '3', '4', '5'])
  expect(() => invoices(2, ['C5'])).toThrow('no order can be made of invoice C5')
})

it('stocks four fifths of the demand for every fifth bestseller and all of it for other SKUs', () => {
  const products = Array.from({ length: 8 }, (_, at) => ({ sku: `S${at}`, name: 'x', priceMinor: 1 }))
  // S0 sells in bulk, but to two; S1 to S7 are bestsellers.
  const wanted = products.slice(1).map(({ sku }): [string, number] => [sku, 2])
  const orders = Array.from({ length: 6 }, (_, at) =>
    order(String(at), ...wanted, ...(at < 2 ? ([['S0', 500]] satisfies [string, number][]) : [])),
  )
  expect(Object.fromEntries(planStock(products, orders))).toEqual({
    S0: 1_000,
    S1: 10,
    S2: 12,
    S3: 12,
    S4: 12,
    S5: 12,
    S6: 10,
    S7: 12,
  })
})

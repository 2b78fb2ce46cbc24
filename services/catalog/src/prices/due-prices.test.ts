import { expect, it } from 'vitest'
import { newProduct, type Product } from '../products/product.ts'
import { nextWave, withScheduledPrice } from './due-prices.ts'

const plan = (sku: string, currency: string, amount: number) => ({ sku, currency, amount, compareAt: null })
const product: Product = {
  ...newProduct({ id: 'id', slug: 'mug', name: 'Mug' }, new Date()),
  // Names that older data has twice.
  attributes: { Colour: 'blue', colour: 'blue' },
  variants: [
    {
      sku: 'A',
      name: 'A',
      attributes: {},
      options: {},
      prices: [{ amount: 10, currency: 'GBP', compareAt: null, lowestBefore: 10 }],
      weightGrams: null,
      deleted: false,
      stockStatus: 'in_stock',
    },
  ],
}

it('applies of each SKU and currency one plan at a time, the first one first', () => {
  const plans = [plan('A', 'GBP', 1), plan('A', 'EUR', 2), plan('A', 'GBP', 3), plan('B', 'GBP', 4)]
  expect(nextWave(plans).map(({ amount }) => amount)).toEqual([1, 2, 4])
  expect(nextWave([])).toEqual([])
})

it('sets a price for what could be sold before, and has a reason where nothing can', () => {
  expect(withScheduledPrice(product, plan('A', 'GBP', 7))).toMatchObject({
    variants: [{ prices: [{ amount: 7 }] }],
  })
  const gone = [undefined, { ...product, status: 'deleted' as const }, { ...product, variants: [] }]
  for (const one of gone)
    expect(withScheduledPrice(one, plan('A', 'GBP', 7))).toEqual({
      failure: expect.stringContaining('any more'),
    })
  const tooHigh = { ...plan('A', 'GBP', 7), compareAt: 7 }
  expect(withScheduledPrice(product, tooHigh)).toEqual({
    failure: expect.stringContaining('not above its price'),
  })
})

import { describe, expect, it } from 'vitest'
import { priceMoves } from './price-moves.ts'
import { newProduct, type Product, type Variant } from './product.ts'
import type { VariantPrice } from './variant-prices.ts'

const priced = (amount: number, more: Partial<VariantPrice> = {}): VariantPrice => ({
  amount,
  currency: 'GBP',
  compareAt: null,
  lowestBefore: amount,
  ...more,
})
const promotion = { id: 'p', name: 'Sale', kind: 'percentage' as const, amount: 800, endsAt: null }

const product = (
  status: Product['status'],
  prices: VariantPrice[],
  more: Partial<Variant> = {},
): Product => ({
  ...newProduct({ id: 'id', slug: 'mug', name: 'Mug', status }, new Date()),
  variants: [
    {
      sku: 'A',
      name: 'A',
      attributes: {},
      options: {},
      prices,
      weightGrams: null,
      deleted: false,
      stockStatus: 'in_stock',
      ...more,
    },
  ],
})
const asked = (before: Product | null, after: Product) =>
  priceMoves({ before, after }).map((move) => [move.currency, move.asked.before, move.asked.after])

describe('what customers are asked', () => {
  it('begins with the publication and ends with it, not with the price', () => {
    const [draft, published] = [product('draft', [priced(1000)]), product('published', [priced(1000)])]
    expect(asked(null, draft)).toEqual([['GBP', null, null]])
    expect(asked(draft, published)).toEqual([['GBP', null, 1000]])
    expect(asked(published, product('archived', [priced(1000)]))).toEqual([['GBP', 1000, null]])
    expect(asked(published, product('published', [priced(1000)], { deleted: true }))).toEqual([
      ['GBP', 1000, null],
    ])
    expect(asked(draft, product('draft', [priced(900)]))).toEqual([['GBP', null, null]])
  })

  it('is the promoted price while a promotion runs that anybody gets', () => {
    const [plain, promoted] = [priced(1000), priced(1000, { promotion })].map((price) =>
      product('published', [price]),
    )
    expect(asked(plain!, promoted!)).toEqual([['GBP', 1000, 800]])
    expect(asked(promoted!, plain!)).toEqual([['GBP', 800, 1000]])
    expect(asked(promoted!, promoted!)).toEqual([])
    // A new list price below a promotion that stays changes what is stated alone.
    const restated = priceMoves({
      before: promoted!,
      after: product('published', [priced(900, { promotion })]),
    })
    expect(restated).toMatchObject([
      { stated: { after: { amount: 900 } }, asked: { before: 800, after: 800 } },
    ])
  })

  it('moves for each currency by itself', () => {
    const euros = (amount: number) => priced(amount, { currency: 'EUR' })
    const before = product('published', [euros(1200), priced(1000)])
    expect(asked(before, product('published', [euros(1100), priced(1000)]))).toEqual([['EUR', 1200, 1100]])
    expect(asked(before, product('published', [priced(1000)]))).toEqual([['EUR', 1200, null]])
    expect(asked(before, product('published', [euros(1200), priced(1000, { compareAt: 1500 })]))).toEqual([
      ['GBP', 1000, 1000],
    ])
  })
})

import { currencies } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import {
  asDeleted,
  findFaults,
  lowestPriceIn,
  newProduct,
  stockStatusOf,
  withStatus,
  type Product,
  type Variant,
} from './product.ts'
import { renderSummary, toPublicVariant } from './render-product.ts'
import { isSameProduct } from './same-product.ts'

const at = new Date('2026-01-01T00:00:00Z')

const priced = (amount: number, currency = 'GBP', compareAt: number | null = null) => ({
  amount,
  currency,
  compareAt,
  lowestBefore: amount,
})

const aVariant = (sku: string, more: Partial<Variant> = {}): Variant => ({
  sku,
  name: sku,
  attributes: {},
  options: {},
  prices: [priced(1000)],
  weightGrams: null,
  deleted: false,
  stockStatus: 'out_of_stock',
  ...more,
})

const aProduct = (more: Partial<Product> = {}): Product => ({
  ...newProduct({ id: 'id', slug: 'mug', name: 'Mug' }, at),
  variants: [aVariant('A')],
  version: 1,
  ...more,
})

describe('a product', () => {
  it('shows its cheapest and its most available active variant', () => {
    const product = aProduct({
      variants: [
        aVariant('A', { stockStatus: 'low_stock' }),
        aVariant('B', { prices: [priced(1100, 'EUR'), priced(900)] }),
        aVariant('C', { prices: [priced(1)], stockStatus: 'in_stock', deleted: true }),
      ],
    })
    expect(lowestPriceIn(product, 'GBP')).toMatchObject({ amount: 900, currency: 'GBP' })
    expect(lowestPriceIn(product, 'EUR')).toMatchObject({ amount: 1100, currency: 'EUR' })
    expect(lowestPriceIn(product, 'JPY')).toBeNull()
    expect(stockStatusOf(product)).toBe('low_stock')
    expect(lowestPriceIn(aProduct({ variants: [] }), 'GBP')).toBeNull()
  })

  it('shows a variant in one currency, with nothing where it has no price in it, and with all its prices', () => {
    const variant = aVariant('A', { prices: [priced(1100, 'EUR', 1500), priced(900)] })
    expect(toPublicVariant(variant, 'EUR')).toMatchObject({
      price: { amount: 1100, currency: 'EUR' },
      compareAtPrice: { amount: 1500, currency: 'EUR' },
      lowestPrice30Days: { amount: 1100, currency: 'EUR' },
      prices: [
        { amount: 1100, currency: 'EUR' },
        { amount: 900, currency: 'GBP', compareAtPrice: null },
      ],
    })
    const none = { price: null, compareAtPrice: null, lowestPrice30Days: null }
    expect(toPublicVariant(variant, 'JPY')).toMatchObject(none)
    expect(JSON.parse(renderSummary(aProduct({ variants: [variant] }), ''))).toMatchObject({
      price: null,
      prices: [
        { amount: 1100, currency: 'EUR' },
        { amount: 900, currency: 'GBP' },
      ],
      variants: [none],
    })
  })

  it('cannot be published without variants, and each of them has a price below what it is compared with', () => {
    const kinds = (more: Partial<Product>) => findFaults(aProduct(more)).map(({ kind }) => kind)
    expect(kinds({ status: 'published', variants: [] })).toEqual(['wrong-state'])
    expect(kinds({ variants: [aVariant('A', { prices: [priced(1), priced(1, 'JPY')] })] })).toEqual([])
    expect(kinds({ variants: [aVariant('A', { prices: [] })] })).toEqual(['unprocessable'])
    expect(kinds({ variants: [aVariant('A', { prices: [priced(10, 'GBP', 10)] })] })).toEqual([
      'unprocessable',
    ])
    expect(kinds({ variants: [aVariant('A'), aVariant('B', { prices: [], deleted: true })] })).toEqual([])
    const many = Array.from({ length: 101 }, (_, index) => aVariant(`A${index}`))
    expect(kinds({ variants: many })).toEqual(['unprocessable'])
    const everywhere = currencies.slice(0, 21).map((code) => aVariant(code, { prices: [priced(1, code)] }))
    expect(kinds({ variants: everywhere })).toEqual(['unprocessable'])
  })

  it('counts as unchanged whatever the order of its attributes, its stock status and its version', () => {
    const one = aProduct({ attributes: { a: '1', b: '2' } })
    const same = aProduct({
      attributes: { b: '2', a: '1' },
      version: 9,
      variants: [aVariant('A', { stockStatus: 'in_stock' })],
    })
    expect(isSameProduct(one, same)).toBe(true)
    expect(isSameProduct(one, aProduct({ attributes: { a: '1' } }))).toBe(false)
  })

  it('keeps the instant at which it was first published', () => {
    const later = new Date('2026-02-01T00:00:00Z')
    const published = withStatus(aProduct(), 'published', at)
    expect(withStatus(withStatus(published, 'archived', later), 'published', later).publishedAt).toBe(at)
    expect(withStatus(aProduct(), 'archived', at).publishedAt).toBeNull()
  })

  it('frees its slug when it is deleted, and keeps its SKUs', () => {
    expect(asDeleted(aProduct({ categoryIds: ['c'] }))).toMatchObject({
      status: 'deleted',
      slug: 'id',
      categoryIds: [],
      variants: [{ sku: 'A', deleted: true }],
    })
  })
})

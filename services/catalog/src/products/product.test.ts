import { describe, expect, it } from 'vitest'
import {
  asDeleted,
  findFaults,
  isSameProduct,
  lowestPrice,
  newProduct,
  stockStatusOf,
  withStatus,
  type Product,
  type Variant,
} from './product.ts'

const at = new Date('2026-01-01T00:00:00Z')

const aVariant = (sku: string, more: Partial<Variant> = {}): Variant => ({
  sku,
  name: sku,
  attributes: {},
  price: { amount: 1000, currency: 'GBP' },
  lowestBefore: 1000,
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
        aVariant('B', { price: { amount: 900, currency: 'GBP' } }),
        aVariant('C', { price: { amount: 1, currency: 'GBP' }, stockStatus: 'in_stock', deleted: true }),
      ],
    })
    expect(lowestPrice(product)).toEqual({ amount: 900, currency: 'GBP' })
    expect(stockStatusOf(product)).toBe('low_stock')
    expect(lowestPrice(aProduct({ variants: [] }))).toBeNull()
  })

  it('cannot be published without variants, or be priced in two currencies', () => {
    expect(findFaults(aProduct({ status: 'published', variants: [] }))).toMatchObject([
      { kind: 'wrong-state' },
    ])
    const euro = aVariant('B', { price: { amount: 1, currency: 'EUR' } })
    expect(findFaults(aProduct({ variants: [aVariant('A'), euro] }))).toMatchObject([
      { kind: 'currency-mismatch' },
    ])
    expect(findFaults(aProduct({ variants: [aVariant('A'), { ...euro, deleted: true }] }))).toEqual([])
    const many = Array.from({ length: 101 }, (_, index) => aVariant(`A${index}`))
    expect(findFaults(aProduct({ variants: many }))).toMatchObject([{ kind: 'unprocessable' }])
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

import { MAX_QUANTITY } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import type { Offer } from '../offers/offer-reader.ts'
import {
  cartTotals,
  findRefusal,
  linesAfter,
  MAX_CODES,
  mergeCarts,
  mergeChoices,
  mergeDemand,
  noticesOf,
  priceCartLine,
  type CartLine,
} from './cart.ts'

const pounds = (amount: number) => new Map([['GBP', amount]])

const mug: Offer = {
  sku: 'MUG',
  productId: 'p',
  categoryIds: [],
  weightGrams: null,
  name: 'Mug',
  prices: pounds(1299),
  onSale: true,
  stockStatus: 'in_stock',
  available: 10,
}
const line = (offer: Partial<Offer> | null, quantity = 2, seenPriceMinor = 1299): CartLine => ({
  sku: 'MUG',
  quantity,
  seenPriceMinor,
  offer: offer && { ...mug, ...offer },
})

describe('a cart line', () => {
  it('has no notice while nothing changed', () => {
    expect(noticesOf(line({}), 'GBP')).toEqual([])
    expect(noticesOf(line({ stockStatus: null, available: null }), 'GBP')).toEqual([])
  })

  it('has a notice of a changed price and one of scarce stock at once', () => {
    expect(noticesOf(line({ prices: pounds(1399) }), 'GBP')).toEqual(['priceChanged'])
    expect(noticesOf(line({ stockStatus: 'low_stock' }), 'GBP')).toEqual(['lowStock'])
    expect(noticesOf(line({ prices: pounds(1), available: 1 }), 'GBP')).toEqual(['priceChanged', 'lowStock'])
  })

  it('is unavailable when off sale, unknown, or priced in another currency', () => {
    for (const offer of [{ onSale: false }, { prices: new Map([['EUR', 1299]]) }, null])
      expect(noticesOf(line(offer), 'GBP')).toEqual(['unavailable'])
  })

  it('has the current price, and costs nothing when it cannot be bought', () => {
    expect(priceCartLine(line({ prices: pounds(1399) }), 'GBP')).toMatchObject({
      unitPriceMinor: 1399,
      totalMinor: 2798,
    })
    expect(priceCartLine(line({ onSale: false }), 'GBP')).toMatchObject({ totalMinor: 0 })
    expect(priceCartLine(line({ prices: new Map([['EUR', 5]]) }), 'GBP')).toMatchObject({
      unitPriceMinor: 1299,
      totalMinor: 0,
    })
  })
})

it('totals only lines that can be bought', () => {
  const lines = [line({}, 2), line({ onSale: false }, 5)]
  expect(cartTotals(lines, 'GBP', 599)).toMatchObject({ subtotalMinor: 2598, totalMinor: 3197 })
})

describe('a line to be set', () => {
  const wanted = { sku: 'MUG', quantity: 3 }

  it('is refused with its reason', () => {
    expect(findRefusal(wanted, undefined, 'GBP', null)).toEqual({ sku: 'MUG', why: 'unknown' })
    expect(findRefusal(wanted, { ...mug, onSale: false }, 'GBP', null)).toMatchObject({ why: 'unavailable' })
    expect(findRefusal(wanted, mug, 'EUR', null)).toMatchObject({ why: 'currency', currencies: ['GBP'] })
    expect(findRefusal(wanted, mug, 'GBP', new Map([['MUG', 2]]))).toEqual({
      sku: 'MUG',
      why: 'short',
      wanted: 3,
      available: 2,
    })
  })

  it('is checked against the fresh stock, or the own copy when there is none', () => {
    expect(findRefusal(wanted, { ...mug, available: 0 }, 'GBP', new Map([['MUG', 3]]))).toBeNull()
    expect(findRefusal(wanted, { ...mug, available: 2 }, 'GBP', null)).toMatchObject({ why: 'short' })
    expect(findRefusal(wanted, mug, 'GBP', new Map())).toMatchObject({ why: 'short', available: 0 })
  })

  it('is accepted when the stock is unknown', () => {
    expect(findRefusal(wanted, { ...mug, available: null }, 'GBP', null)).toBeNull()
  })
})

it('sums the quantities of a SKU that is named twice', () => {
  const items = [
    { sku: 'MUG', quantity: 1 },
    { sku: 'CUP', quantity: 2 },
    { sku: 'MUG', quantity: 3 },
  ]
  expect(mergeDemand(items)).toEqual([
    { sku: 'MUG', quantity: 4 },
    { sku: 'CUP', quantity: 2 },
  ])
})

it('merges carts by adding quantities up, never above a line’s limit or what is available, each in its place', () => {
  const stored = (lines: Record<string, number>) =>
    Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity, seenPriceMinor: 1 }))
  const available = new Map([
    ['FEW', 5],
    ['GONE', 0],
    ['LOST', 0],
  ])
  const mine = stored({ MUG: 1, CUP: MAX_QUANTITY, PEN: 5, FEW: 3, LOST: 1 })
  const theirs = stored({ HAT: 1, MUG: 2, CUP: 2, FEW: 4, GONE: 2, LOST: 1 })
  expect(mergeCarts(mine, theirs, (sku) => available.get(sku) ?? null)).toEqual(
    stored({ MUG: 3, CUP: MAX_QUANTITY, PEN: 5, FEW: 5, HAT: 1 }),
  )
})

it('merges codes without doubles, and prefers the shipping that the guest chose', () => {
  const mine = { codes: ['A', 'B'], country: 'GB', postalCode: 'LS1 1AA', shippingMethod: 'standard' }
  const theirs = { codes: ['B', 'C'], country: null, postalCode: null, shippingMethod: null }
  expect(mergeChoices(mine, theirs)).toEqual({ ...mine, codes: ['A', 'B', 'C'] })
  const french = { codes: [], country: 'FR', postalCode: null, shippingMethod: null }
  expect(mergeChoices(mine, french)).toEqual({ ...french, codes: ['A', 'B'] })
  const many = { ...mine, codes: Array.from({ length: MAX_CODES }, (_, at) => `M${at}`) }
  expect(mergeChoices(many, theirs).codes).toEqual(many.codes)
})

it('keeps the order of the lines when some are set', () => {
  const [mugLine, cup, hat] = ['MUG', 'CUP', 'HAT'].map((sku) => ({ ...line({}), sku }))
  const more = { ...mugLine!, quantity: 7 }
  expect(linesAfter([mugLine!, cup!], [hat!, more], 'one')).toEqual([more, cup, hat])
  expect(linesAfter([mugLine!, cup!], [hat!], 'all')).toEqual([hat])
})

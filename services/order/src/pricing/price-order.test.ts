import type { Promotion } from '@storewright/promotions/promotion'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { taxesFrom, type TaxRate } from '../rates/taxes.ts'
import { priceOrder, type LineToPrice, type OrderToPrice } from './price-order.ts'
import { isTooLarge } from './totals.ts'

const NOW = new Date('2026-06-30T12:00:00Z')
const PARENTS = new Map([
  ['food', null],
  ['fruit', 'food'],
  ['apples', 'fruit'],
  ['books', null],
])

const aRate = (change: Partial<TaxRate> = {}): TaxRate => {
  const { country = 'GB', categoryId = null, validFrom = new Date('2020-01-01T00:00:00Z') } = change
  const id = `${country}|${categoryId}|${validFrom.toISOString()}`
  return { id, name: 'VAT', basisPoints: 2_000, included: true, ...change, country, categoryId, validFrom }
}

const aLine = (sku: string, change: Partial<LineToPrice> = {}): LineToPrice => ({
  sku,
  name: sku,
  quantity: 1,
  unitPriceMinor: 1_000,
  productId: sku.toLowerCase(),
  categoryIds: [],
  ...change,
})

const aPromotion = (change: Partial<Promotion> = {}): Promotion => ({
  promotionId: 'sale',
  name: 'Sale',
  kind: 'percentage',
  basisPoints: 1_000,
  amounts: [],
  per: 'order',
  buy: null,
  get: null,
  productIds: [],
  categoryIds: [],
  code: null,
  enabled: true,
  startsAt: null,
  endsAt: null,
  minimums: [],
  minimumQuantity: null,
  limits: { total: null, perCustomer: null },
  priority: 0,
  exclusive: false,
  ...change,
})

const price = (
  lines: LineToPrice[],
  {
    rates = [],
    promotions = [],
    ...rest
  }: Partial<Omit<OrderToPrice, 'rates'>> & { rates?: TaxRate[]; promotions?: Promotion[] } = {},
) =>
  priceOrder({
    rates: { taxes: taxesFrom(rates, PARENTS), categoryParents: PARENTS, promotions },
    currency: 'GBP',
    lines,
    codes: [],
    destination: { country: 'GB', postalCode: null },
    shipping: null,
    now: NOW,
    ...rest,
  })

const express = { methodId: 'express', priceMinor: 599 }

describe('an order', () => {
  it('is priced as docs/pricing.md reckons its example', () => {
    const lines = [
      aLine('BOOK', { quantity: 3, unitPriceMinor: 999, categoryIds: ['books'] }),
      aLine('MUG', { quantity: 2, unitPriceMinor: 1_299 }),
    ]
    const rates = [aRate(), aRate({ categoryId: 'books', basisPoints: 0 })]
    const { lines: priced, totals } = price(lines, {
      rates,
      promotions: [aPromotion({ code: 'TEN' })].slice(1),
      codePromotions: [aPromotion({ code: 'TEN' })],
      codes: ['TEN'],
      shipping: express,
    })
    expect(
      priced.map(({ discountMinor, taxMinor, totalMinor }) => [discountMinor, taxMinor, totalMinor]),
    ).toEqual([
      [300, 0, 2_697],
      [260, 390, 2_338],
    ])
    expect(totals).toEqual({
      subtotalMinor: 5_595,
      discountMinor: 560,
      shippingMinor: 599,
      taxMinor: 436,
      taxIncludedMinor: 436,
      shippingTaxMinor: 46,
      totalMinor: 5_634,
    })
  })

  it('adds tax that prices do not contain, reckoned once of the sum and split by largest remainder', () => {
    const rates = [aRate({ basisPoints: 725, included: false })]
    const lines = ['A', 'B', 'C'].map((sku) => aLine(sku, { unitPriceMinor: 333 }))
    const { lines: priced, totals, taxes } = price(lines, { rates, shipping: express })
    expect(priced.map(({ taxMinor }) => taxMinor)).toEqual([24, 24, 24])
    expect(totals).toMatchObject({
      taxMinor: 116,
      taxIncludedMinor: 0,
      shippingTaxMinor: 44,
      totalMinor: 1_714,
    })
    expect(taxes).toMatchObject([{ amountMinor: 1_598, taxMinor: 116 }])
  })

  it('takes the nearest category’s rate, and of two as near the higher one', () => {
    const rates = [
      aRate({ basisPoints: 1_900 }),
      aRate({ categoryId: 'food', basisPoints: 700 }),
      aRate({ categoryId: 'apples', basisPoints: 0 }),
      aRate({ categoryId: 'books', basisPoints: 500 }),
    ]
    const bound = [['apples'], ['fruit'], ['fruit', 'books'], ['food', 'books'], ['unknown'], []]
    const lines = bound.map((categoryIds, index) => aLine(`L${index}`, { categoryIds }))
    expect(price(lines, { rates }).lines.map(({ taxBasisPoints }) => taxBasisPoints)).toEqual([
      0, 700, 500, 700, 1_900, 1_900,
    ])
  })

  it('takes the rate that began last, at its very instant', () => {
    const rates = [aRate({ validFrom: NOW, basisPoints: 2_200 }), aRate()]
    const at = (now: Date) => price([aLine('A')], { rates, now }).lines[0]?.taxBasisPoints
    expect([at(new Date(NOW.getTime() - 1)), at(NOW)]).toEqual([2_000, 2_200])
    expect(
      price([aLine('A')], { rates, destination: { country: 'FR', postalCode: null } }).totals.taxMinor,
    ).toBe(0)
    expect(price([aLine('A')], { rates, destination: null }).totals.taxMinor).toBe(0)
  })

  it('takes included tax out of the prices of who pays none, and adds none', () => {
    const lines = [aLine('A', { quantity: 3, unitPriceMinor: 1_199 })]
    const exempt = { taxExempt: true, shipping: express }
    const [included, added] = [true, false].map((flag) =>
      price(lines, { rates: [aRate({ included: flag })], ...exempt }),
    )
    expect(included?.totals).toMatchObject({
      subtotalMinor: 2_997,
      shippingMinor: 499,
      taxMinor: 0,
      totalMinor: 3_496,
    })
    expect(added?.totals).toMatchObject({
      subtotalMinor: 3_597,
      shippingMinor: 599,
      taxMinor: 0,
      totalMinor: 4_196,
    })
  })

  it('taxes shipping alone by the country’s rate where the goods cost nothing', () => {
    const { totals } = price([aLine('GIFT', { unitPriceMinor: 0 })], { rates: [aRate()], shipping: express })
    expect(totals).toMatchObject({ shippingTaxMinor: 100, totalMinor: 599 })
  })

  it('frees shipping by a promotion, beside the discount of the lines', () => {
    const promotions = [aPromotion({ kind: 'free_shipping', basisPoints: null })]
    const { totals, discounts, shipping } = price([aLine('A')], {
      promotions,
      rates: [aRate()],
      shipping: express,
    })
    expect(totals).toMatchObject({
      discountMinor: 0,
      shippingMinor: 0,
      shippingTaxMinor: 0,
      totalMinor: 1_000,
    })
    expect(discounts).toMatchObject([{ promotionId: 'sale', amountMinor: 599 }])
    expect(shipping).toEqual({ ...express, discountMinor: 599 })
  })

  it('names each code that does not apply with the reason, limits too', () => {
    const codePromotions = [
      aPromotion({ promotionId: 'a', code: 'GONE' }),
      aPromotion({ promotionId: 'b', code: 'MINE' }),
      aPromotion({ promotionId: 'c', code: 'LATE', endsAt: NOW.toISOString() }),
    ]
    const { notApplied, discounts } = price([aLine('A')], {
      codePromotions,
      codes: ['GONE', 'MINE', 'LATE', 'NOBODY'],
      exhausted: new Map([
        ['a', 'exhausted'],
        ['b', 'used-by-customer'],
        ['other', 'exhausted'],
      ]),
      promotions: [aPromotion({ promotionId: 'other' })],
    })
    expect(discounts).toEqual([])
    expect(notApplied.map(({ code, reason }) => [code, reason])).toEqual([
      ['GONE', 'exhausted'],
      ['MINE', 'used-by-customer'],
      ['LATE', 'ended'],
      ['NOBODY', 'unknown-code'],
    ])
  })

  it('is judged too large without a mistake where its amounts are not exact any more', () => {
    const huge = aLine('A', { quantity: 1_000_000, unitPriceMinor: 999_999_999_999 })
    expect(isTooLarge(price([huge], { rates: [aRate()], promotions: [aPromotion()] }).totals)).toBe(true)
  })
})

const anyPrice = fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 50_000_000 }))
const anyLines = (maxLength: number) =>
  fc
    .array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 20 }),
        unitPriceMinor: anyPrice,
        categoryIds: fc.subarray(['apples', 'fruit', 'books']),
      }),
      { minLength: 1, maxLength, size: 'max' },
    )
    .map((lines) => lines.map((line, index) => aLine(`SKU-${index}`, line)))
const anyRates = fc
  .array(
    fc.record({
      categoryId: fc.constantFrom(null, 'food', 'books', 'apples'),
      basisPoints: fc.constantFrom(0, 1, 500, 725, 1_900, 2_000, 2_500, 10_000),
      included: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((rates) =>
    rates.map((rate, index) => aRate({ ...rate, id: String(index), validFrom: new Date(index) })),
  )
const anyPromotions = fc.array(
  fc.record({
    kind: fc.constantFrom('percentage' as const, 'amount' as const, 'free_shipping' as const),
    basisPoints: fc.integer({ min: 1, max: 10_000 }),
    amount: fc.integer({ min: 1, max: 90_000 }),
    categoryIds: fc.subarray(['food', 'books'], { maxLength: 1 }),
  }),
  { maxLength: 3 },
)

it('adds up to the minor unit for every currency, number of lines, promotion and tax, and is never negative', () =>
  fc.assert(
    fc.property(
      fc.oneof(anyLines(5), anyLines(1_000)),
      anyRates,
      anyPromotions,
      fc.record({
        currency: fc.constantFrom('JPY', 'GBP', 'KWD'),
        priceMinor: anyPrice,
        taxExempt: fc.boolean(),
      }),
      (lines, rates, promoted, { currency, priceMinor, taxExempt }) => {
        const promotions = promoted.map(({ amount, ...change }, index) =>
          aPromotion({ ...change, promotionId: String(index), amounts: [{ amount, currency }] }),
        )
        const shipping = { methodId: 'any', priceMinor }
        const {
          lines: priced,
          totals,
          taxes,
        } = price(lines, { currency, rates, promotions, shipping, taxExempt })
        const sum = (part: (line: (typeof priced)[number]) => number) =>
          priced.reduce((total, line) => total + part(line), 0)
        for (const line of priced) {
          const { quantity, unitPriceMinor, discountMinor, taxMinor, taxIncludedMinor, totalMinor } = line
          expect(
            Object.values(line)
              .filter((value) => typeof value === 'number')
              .every(Number.isSafeInteger),
          ).toBe(true)
          expect(totalMinor).toBe(quantity * unitPriceMinor - discountMinor + taxMinor - taxIncludedMinor)
          expect(
            Math.min(discountMinor, taxMinor, totalMinor, taxMinor - taxIncludedMinor),
          ).toBeGreaterThanOrEqual(0)
        }
        expect(totals.subtotalMinor - totals.discountMinor).toBe(
          sum(({ quantity, unitPriceMinor, discountMinor }) => quantity * unitPriceMinor - discountMinor),
        )
        expect(totals.taxMinor).toBe(sum(({ taxMinor }) => taxMinor) + totals.shippingTaxMinor)
        expect(totals.totalMinor).toBe(
          totals.subtotalMinor -
            totals.discountMinor +
            totals.shippingMinor +
            totals.taxMinor -
            totals.taxIncludedMinor,
        )
        expect(taxes.reduce((total, { taxMinor }) => total + taxMinor, 0)).toBe(totals.taxMinor)
        expect(Math.min(totals.shippingMinor, totals.totalMinor)).toBeGreaterThanOrEqual(0)
        if (taxExempt) expect(totals.taxMinor).toBe(0)
      },
    ),
    { numRuns: 60 },
  ))

import { describe, expect, it } from 'vitest'
import { NOW, aLine, aPromotion, gbp, inHours } from '../test/builders.ts'
import { evaluate, type Context } from './evaluate.ts'
import type { Line, Promotion } from './promotion.ts'

const run = (promotions: Promotion[], lines: Line[], context: Partial<Context> = {}) =>
  evaluate(promotions, lines, { now: NOW, currency: 'GBP', codes: [], ...context })

const discounts = (...given: Parameters<typeof run>) => run(...given).lines.map(({ discount }) => discount)

describe('a percentage', () => {
  it('of products is taken of each line, half up', () => {
    const off = aPromotion({ basisPoints: 1_250, productIds: ['mug', 'bowl'] })
    const lines = [
      aLine('MUG', { unitPrice: 333, quantity: 3 }),
      aLine('BOWL', { unitPrice: 4 }),
      aLine('PAN'),
    ]
    expect(discounts([off], lines)).toEqual([125, 1, 0])
  })

  it('of the order is rounded once and split by largest remainder', () => {
    const lines = ['A', 'B', 'C'].map((sku) => aLine(sku, { unitPrice: 333 }))
    expect(discounts([aPromotion()], lines)).toEqual([34, 33, 33])
  })

  it('of a category takes what is below it', () => {
    const off = aPromotion({ categoryIds: ['kitchen'] })
    expect(discounts([off], [aLine('CUP', { categoryIds: ['tea', 'kitchen'] }), aLine('PAN')])).toEqual([
      100, 0,
    ])
  })
})

describe('an amount', () => {
  it('per unit is taken off each, down to nothing', () => {
    const off = aPromotion({ kind: 'amount', amounts: [gbp(300)], per: 'unit', productIds: ['mug', 'pin'] })
    const lines = [aLine('MUG', { quantity: 2 }), aLine('PIN', { unitPrice: 100, quantity: 5 })]
    expect(discounts([off], lines)).toEqual([600, 500])
  })

  it('per order is taken once, split in proportion, and never more than there is', () => {
    const off = (amount: number) => aPromotion({ kind: 'amount', amounts: [gbp(amount)] })
    const lines = [aLine('MUG', { quantity: 2 }), aLine('PIN', { unitPrice: 1 })]
    expect(discounts([off(1_000)], lines)).toEqual([1_000, 0])
    expect(discounts([off(9_999)], lines)).toEqual([2_000, 1])
  })

  it('is not offered in a currency that it has no amount for', () => {
    const off = aPromotion({ kind: 'amount', amounts: [gbp(1)] })
    expect(run([off], [aLine('MUG')], { currency: 'EUR' }).notApplied).toMatchObject([
      { reason: 'wrong-currency' },
    ])
  })
})

describe('buy X get Y', () => {
  const deal = (buy: number, got: number, change: Partial<Promotion> = {}) =>
    aPromotion({
      kind: 'buy_x_get_y',
      buy: { quantity: buy, skus: [] },
      get: { quantity: got, basisPoints: 10_000 },
      ...change,
    })

  it('discounts the cheapest, as often as enough is bought', () => {
    const lines = [aLine('A', { quantity: 4 }), aLine('B', { quantity: 2, unitPrice: 700 })]
    expect(discounts([deal(2, 1)], lines)).toEqual([0, 1_400])
    expect(discounts([deal(1, 1)], lines)).toEqual([1_000, 1_400])
    expect(discounts([deal(2, 2)], [aLine('A', { quantity: 3 })])).toEqual([1_000])
  })

  it('gives something else than what is bought', () => {
    const filter = deal(1, 2, {
      buy: { quantity: 1, skus: ['MACHINE'] },
      get: { quantity: 2, basisPoints: 5_000 },
      productIds: ['filter'],
    })
    expect(discounts([filter], [aLine('MACHINE'), aLine('FILTER', { quantity: 3 })])).toEqual([0, 1_000])
    expect(run([filter], [aLine('MACHINE')]).notApplied).toMatchObject([{ missingQuantity: 1 }])
    expect(run([filter], [aLine('FILTER')]).notApplied).toMatchObject([{ missingQuantity: 1 }])
    expect(run([filter], [aLine('PAN')]).notApplied).toMatchObject([{ reason: 'no-matching-line' }])
  })

  it('takes first what does not count as bought, so that no customer loses it', () => {
    const both = deal(2, 1, { buy: { quantity: 2, skus: ['A', 'B'] }, productIds: ['b', 'c'] })
    expect(discounts([both], [aLine('A'), aLine('B', { unitPrice: 1 }), aLine('C')])).toEqual([0, 0, 1_000])
  })

  it('reports how many are missing', () => {
    expect(run([deal(3, 1)], [aLine('A')]).notApplied).toMatchObject([
      { reason: 'minimum-not-reached', missingQuantity: 2, message: '2 more units are needed.' },
    ])
    expect(run([deal(1, 1)], [aLine('A')]).notApplied).toMatchObject([{ missingQuantity: 1 }])
  })

  it('counts a million units without a step for each', () => {
    expect(discounts([deal(2, 1)], [aLine('A', { quantity: 999_999, unitPrice: 2 })])).toEqual([666_666])
  })
})

describe('the order of application', () => {
  it('is products, categories, order, each on what is left; then priority, then id', () => {
    const onOrder = aPromotion({ kind: 'amount', amounts: [gbp(100)], priority: -9 })
    const onCategory = aPromotion({ basisPoints: 5_000, categoryIds: ['tea'] })
    const late = aPromotion({
      kind: 'amount',
      amounts: [gbp(100)],
      per: 'unit',
      productIds: ['mug'],
      priority: 2,
    })
    const early = aPromotion({ basisPoints: 1_000, productIds: ['mug'], priority: 1 })
    const { applied } = run([onOrder, onCategory, late, early], [aLine('MUG', { categoryIds: ['tea'] })])
    expect(applied.map(({ promotion, amount }) => [promotion, amount])).toEqual([
      [early, 100],
      [late, 100],
      [onCategory, 400],
      [onOrder, 100],
    ])
  })

  it('leaves the last ones nothing where all is taken', () => {
    const all = aPromotion({ basisPoints: 10_000, productIds: ['mug'] })
    expect(run([all, aPromotion()], [aLine('MUG')])).toMatchObject({
      totals: { total: 0 },
      notApplied: [{ reason: 'nothing-left' }],
    })
  })
})

describe('an exclusive promotion', () => {
  const exclusive = (basisPoints: number) => aPromotion({ basisPoints, exclusive: true })
  const combined = [aPromotion(), aPromotion()]

  it('applies alone where that is cheaper for the customer', () => {
    const alone = exclusive(2_000)
    const { applied, notApplied } = run([...combined, alone], [aLine('MUG')])
    expect(applied).toMatchObject([{ promotion: alone, amount: 200 }])
    expect(notApplied.map(({ reason }) => reason)).toEqual(['not-combinable', 'not-combinable'])
  })

  it('gives way where the others together take off as much', () => {
    expect(run([...combined, exclusive(1_900)], [aLine('MUG')])).toMatchObject({
      totals: { discount: 190 },
      notApplied: [{ reason: 'not-combinable', promotion: { exclusive: true } }],
    })
  })
})

describe('free shipping', () => {
  const free = aPromotion({ kind: 'free_shipping', minimums: [gbp(2_000)] })

  it('takes off what shipping costs, and is promised where that is not known', () => {
    const lines = [aLine('MUG', { quantity: 2 })]
    expect(run([free], lines, { shipping: 395 })).toMatchObject({
      totals: { discount: 0 },
      shippingDiscount: 395,
      freeShipping: true,
      applied: [{ amount: 395 }],
    })
    expect(run([free], lines)).toMatchObject({ shippingDiscount: 0, freeShipping: true, applied: [{}] })
  })

  it('reports what is missing', () => {
    expect(run([free], [aLine('MUG', { unitPrice: 1_501 })]).notApplied).toMatchObject([
      {
        reason: 'minimum-not-reached',
        missing: gbp(499),
        message: 'Articles for GBP 4.99 more are needed.',
      },
    ])
  })
})

it('measures minimums on the lines it is on, at their prices before other promotions', () => {
  const half = aPromotion({ basisPoints: 5_000, productIds: ['mug'] })
  const off = aPromotion({ productIds: ['mug'], minimums: [gbp(1_000)], priority: 1 })
  expect(discounts([half, off], [aLine('MUG'), aLine('PAN')])).toEqual([550, 0])
  expect(run([off], [aLine('MUG', { unitPrice: 1 }), aLine('PAN')]).notApplied).toMatchObject([
    { missing: gbp(999) },
  ])
  const three = aPromotion({ minimumQuantity: 3 })
  expect(run([three], [aLine('MUG', { quantity: 2 })]).notApplied).toMatchObject([{ missingQuantity: 1 }])
})

it.each([
  ['disabled', { enabled: false }],
  ['not-started', { startsAt: inHours(1) }],
  ['ended', { endsAt: inHours(0) }],
  ['code-missing', { code: 'SUMMER' }],
  ['no-matching-line', { productIds: ['pan'] }],
  ['no-matching-line', { categoryIds: ['tea'] }],
  ['wrong-currency', { minimums: [{ amount: 1, currency: 'EUR' }] }],
])('reports why not: %s', (reason, change) => {
  const { notApplied, totals } = run([aPromotion(change)], [aLine('MUG')])
  expect(notApplied).toMatchObject([{ reason, message: expect.stringMatching(/\.$/) }])
  expect(totals.discount).toBe(0)
})

it('applies from its first instant to before its last, and by its code', () => {
  const now = aPromotion({ startsAt: inHours(0), endsAt: inHours(1), code: 'SUMMER' })
  const { applied, notApplied } = run([now], [aLine('MUG')], { codes: ['SUMMER', 'WINTER'] })
  expect(applied).toMatchObject([{ amount: 100 }])
  expect(notApplied).toMatchObject([{ promotion: null, code: 'WINTER', reason: 'unknown-code' }])
})

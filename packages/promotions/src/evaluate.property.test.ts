import fc from 'fast-check'
import { expect, it } from 'vitest'
import { aPromotion, anyContext, anyLines, anyPromotion } from '../test/builders.ts'
import { evaluate, type Context } from './evaluate.ts'
import type { Line, Promotion } from './promotion.ts'

const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0)

const forAll = (check: (promotions: Promotion[], lines: Line[], context: Context) => void) =>
  fc.assert(fc.property(fc.array(anyPromotion, { maxLength: 6 }), anyLines, anyContext, check), {
    numRuns: 500,
  })

it('never makes a line negative, nor takes more off it than it costs, in whole minor units', () =>
  forAll((promotions, lines, context) => {
    for (const line of evaluate(promotions, lines, context).lines) {
      expect(Number.isSafeInteger(line.discount)).toBe(true)
      expect(line.discount).toBeGreaterThanOrEqual(0)
      expect(line.discount).toBeLessThanOrEqual(line.subtotal)
      expect(line.total).toBe(line.subtotal - line.discount)
    }
  }))

it('adds up: promotions to lines, lines to promotions, lines to totals', () =>
  forAll((promotions, lines, context) => {
    const { lines: priced, applied, totals, shippingDiscount } = evaluate(promotions, lines, context)
    for (const line of priced) expect(sum(line.promotions.map(({ amount }) => amount))).toBe(line.discount)
    for (const { promotion, amount, shippingDiscount: ofShipping } of applied) {
      const shares = priced.flatMap((line) =>
        line.promotions.flatMap((share) => (share.promotionId === promotion.promotionId ? share.amount : [])),
      )
      expect(sum(shares) + ofShipping).toBe(amount)
    }
    expect(totals.discount).toBe(sum(priced.map(({ discount }) => discount)))
    expect(totals.total).toBe(totals.subtotal - totals.discount)
    expect(shippingDiscount).toBeLessThanOrEqual(context.shipping ?? 0)
  }))

it('does not depend on the order of lines or promotions', () =>
  forAll((promotions, lines, context) => {
    const { lines: priced, ...rest } = evaluate(promotions, lines, context)
    const other = evaluate(promotions.toReversed(), lines.toReversed(), context)
    expect(other).toEqual({ ...rest, lines: priced.toReversed() })
  }))

it('names every promotion once, as applied or with the reason why not', () =>
  forAll((promotions, lines, context) => {
    const { applied, notApplied } = evaluate(promotions, lines, context)
    const named = [...applied, ...notApplied].flatMap(({ promotion }) => promotion ?? [])
    expect(named).toHaveLength(promotions.length)
    expect(new Set(named)).toEqual(new Set(promotions))
  }))

it('is changed in nothing by a promotion that cannot apply', () =>
  forAll((promotions, lines, context) => {
    const without = evaluate(promotions, lines, context)
    for (const useless of [
      aPromotion({ productIds: ['none-of-these'] }),
      aPromotion({ code: 'NOT-SENT' }),
      aPromotion({ enabled: false, exclusive: true }),
    ]) {
      const { notApplied, ...rest } = evaluate([...promotions, useless], lines, context)
      expect({ ...rest, notApplied: notApplied.filter(({ promotion }) => promotion !== useless) }).toEqual(
        without,
      )
    }
  }))

it('never costs the customer more because a promotion was added that may be combined', () =>
  forAll((promotions, lines, context) => {
    const combinable = promotions.filter(({ exclusive }) => !exclusive)
    const alone = promotions.filter(({ exclusive }) => exclusive)
    const all = evaluate(promotions, lines, context)
    for (const choice of [combinable, ...alone.map((promotion) => [promotion])]) {
      const { totals, shippingDiscount } = evaluate(choice, lines, context)
      expect(all.totals.discount + all.shippingDiscount).toBeGreaterThanOrEqual(
        totals.discount + shippingDiscount,
      )
    }
  }))

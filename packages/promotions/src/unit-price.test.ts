import { expect, it } from 'vitest'
import { NOW, aPromotion, gbp, inHours } from '../test/builders.ts'
import { normaliseCode, type Promotion } from './promotion.ts'
import { priceOneUnit } from './unit-price.ts'

const mug = { productId: 'mug', categoryIds: ['tea', 'kitchen'] }
const price = (promotions: Promotion[]) => priceOneUnit(promotions, mug, gbp(1_000), NOW)

it('shows what one unit costs, named by what takes most off, until the first of them ends', () => {
  const little = aPromotion({ endsAt: inHours(1) })
  const much = aPromotion({ basisPoints: 5_000, categoryIds: ['kitchen'], name: 'Half', endsAt: inHours(2) })
  expect(price([little, much])).toEqual({
    promotionId: much.promotionId,
    name: 'Half',
    kind: 'percentage',
    price: gbp(450),
    endsAt: inHours(1),
  })
})

it.each<[string, Partial<Promotion>]>([
  ['needs a code', { code: 'SUMMER' }],
  ['needs a sum', { minimums: [gbp(1)] }],
  ['needs a number of units', { minimumQuantity: 2 }],
  ['is limited per customer', { limits: { total: null, perCustomer: 1 } }],
  ['is limited in all', { limits: { total: 100, perCustomer: null } }],
  ['is taken off the order once', { kind: 'amount', amounts: [gbp(1)], per: 'order' }],
  ['is free shipping', { kind: 'free_shipping' }],
  ['is on something else', { productIds: ['pan'] }],
  ['has not begun', { startsAt: inHours(1) }],
  ['is over', { endsAt: inHours(0) }],
  ['is in another currency', { kind: 'amount', per: 'unit', amounts: [{ amount: 1, currency: 'EUR' }] }],
])('shows nothing of a promotion that %s', (_what, change) => {
  expect(price([aPromotion(change)])).toBeNull()
})

it('reads codes as people write them', () => {
  expect(normaliseCode(' Summer-26 ')).toBe('SUMMER-26')
  expect(normaliseCode('ｓｕｍｍｅｒ')).toBe('SUMMER')
  expect(normaliseCode('größe')).toBe('GRÖSSE')
  expect(normaliseCode('夏')).toBe('夏')
  for (const wrong of ['', ' ', 'A B', '-A', 'A\u0000', 'A'.repeat(51), '%OFF'])
    expect(normaliseCode(wrong)).toBeNull()
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { orderQuantity, roundUpToPacks } from './order-quantity.ts'

it.each([
  [1, [], 1],
  [7, [6], 12],
  [12, [6], 12],
  [13, [6, 10], 16],
  [11, [6, 10], 12],
  [5, [6, 10], 6],
  [23, [10, 24], 24],
  [1_000_000, [7, 999_999], 1_000_006],
])('rounds %i up to packs of %j as %i', (need, packs, rounded) => {
  // 1,000,006 = 999,999 + 7
  expect(roundUpToPacks(need, packs)).toBe(rounded)
})

it('finds the smallest sum of packs, as trying all of them does', () => {
  const sizes = fc.uniqueArray(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), sizes, (need, packs) => {
      const canMake = (sum: number): boolean =>
        sum === 0 || packs.some((size) => size <= sum && canMake(sum - size))
      let wanted = need
      while (!canMake(wanted)) wanted += 1
      expect(
        roundUpToPacks(
          need,
          packs.toSorted((a, b) => a - b),
        ),
      ).toBe(wanted)
    }),
    { numRuns: 50 },
  )
})

/** All sums up to the first that the smallest pack makes alone. */
const roundPlainly = (need: number, packs: readonly number[]) => {
  const isSum = [true]
  for (let sum = 1; ; sum++) {
    isSum[sum] = packs.some((size) => isSum[sum - size])
    if (sum >= need && isSum[sum]) return sum
  }
}

it('finds the same sums of large packs as building up all smaller ones does', () => {
  const sizes = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), sizes, (need, sizes) => {
      const packs = sizes.toSorted((a, b) => a - b)
      expect(roundUpToPacks(need, packs)).toBe(roundPlainly(need, packs))
    }),
    { numRuns: 200 },
  )
})

it('rounds 2,000 lines of nearly a million to 20 sizes of packs at once', { timeout: 5_000 }, () => {
  const packs = Array.from({ length: 20 }, (_, index) => 101 + 2 * index)
  for (let line = 0; line < 2_000; line++) expect(roundUpToPacks(999_000 - line, packs)).toBe(999_000 - line)
})

it.each([
  ['fixed', 24],
  ['up_to', 37],
  ['computed', 31],
] as const)('orders by the policy %s', (policy, quantity) => {
  const rule = { policy, reorderPoint: 10, reorderQuantity: 24, upTo: 40 }
  expect(orderQuantity(rule, 3)).toBe(quantity)
})

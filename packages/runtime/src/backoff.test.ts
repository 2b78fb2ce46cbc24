import { expect, it } from 'vitest'
import { backoff } from './backoff.ts'

it('doubles the pause with each failure, up to the longest', () => {
  const pauses = [0, 1, 2, 3, 50, 5_000].map((failures) => backoff(failures, { random: () => 1 }))
  expect(pauses).toEqual([100, 200, 400, 800, 10_000, 10_000])
})

it('spreads pauses over their upper half, so that what failed together does not return together', () => {
  const pauses = Array.from({ length: 50 }, () => backoff(3))
  expect(Math.max(...pauses)).toBeLessThanOrEqual(800)
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(400)
  expect(new Set(pauses).size).toBeGreaterThan(1)
})

it('takes bounds, a factor and a spread', () => {
  const options = { from: 1_000, to: 20_000, factor: 3, spread: [0.8, 1.2] as const }
  expect(backoff(1, { ...options, random: () => 0 })).toBe(2_400)
  expect(backoff(1, { ...options, random: () => 1 })).toBe(3_600)
  expect(backoff(9, { ...options, random: () => 0.5 })).toBe(20_000)
})

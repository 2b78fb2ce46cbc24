import { expect, it } from 'vitest'
import { pauseAfter } from './retry.ts'

const settings = { firstMs: 1_000, maxMs: 20_000 }

it('waits three times as long each time, up to the longest pause', () => {
  const pauses = [1, 2, 3, 4, 5, 500].map((attempts) => pauseAfter(attempts, settings, 0.5))
  expect(pauses).toEqual([1_000, 3_000, 9_000, 20_000, 20_000, 20_000])
})

it('spreads the pauses by a fifth to both sides', () => {
  expect(pauseAfter(1, settings, 0)).toBe(800)
  expect(pauseAfter(1, settings, 1)).toBe(1_200)
})

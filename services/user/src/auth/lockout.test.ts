import { expect, it } from 'vitest'
import { addFailure, secondsLocked } from './lockout.ts'

const at = new Date('2026-01-01T00:00:00Z')

it('forgives four failures, then doubles up to a quarter of an hour', () => {
  const secondsAfter = (failures: number) => {
    const after = addFailure({ failures: failures - 1, lastFailedAt: at, lockedUntil: null }, at)
    return secondsLocked(after.lockedUntil, at)
  }
  expect([1, 4, 5, 6, 7, 12, 13, 1_000].map(secondsAfter)).toEqual([0, 0, 5, 10, 20, 640, 900, 900])
})

it('starts over after a day without a failure', () => {
  const old = { failures: 50, lastFailedAt: new Date('2025-12-30T23:59:59Z'), lockedUntil: null }
  expect(addFailure(old, at)).toEqual({ failures: 1, lockedUntil: null })
})

it('tells the whole seconds that remain', () => {
  expect(secondsLocked(new Date('2026-01-01T00:00:01.200Z'), at)).toBe(2)
  expect(secondsLocked(new Date('2025-12-31T23:59:59Z'), at)).toBe(0)
  expect(secondsLocked(null, at)).toBe(0)
})

import { expect, it } from 'vitest'
import { addFailure, secondsLocked, type Scope } from './lockout.ts'

const at = new Date('2026-01-01T00:00:00Z')
const later = (seconds: number) => new Date(at.getTime() + seconds * 1_000)

const lockAfter = (failures: number, scope: Scope) => {
  const after = addFailure({ failures: failures - 1, lastFailedAt: at, lockedUntil: null }, scope, at)
  return secondsLocked(after.lockedUntil, at)
}

it('forgives four failures of one guesser, then doubles up to a quarter of an hour', () => {
  const seconds = [1, 4, 5, 6, 7, 12, 13, 1_000].map((failures) => lockAfter(failures, 'guesser'))
  expect(seconds).toEqual([0, 0, 5, 10, 20, 640, 900, 900])
})

it('allows an account more failures than a guesser, and a network more still', () => {
  expect([19, 20, 21].map((failures) => lockAfter(failures, 'account'))).toEqual([0, 5, 10])
  expect([49, 50, 51].map((failures) => lockAfter(failures, 'network'))).toEqual([0, 5, 10])
})

it('starts over after a day without a failure', () => {
  const old = { failures: 50, lastFailedAt: new Date('2025-12-30T23:59:59Z'), lockedUntil: null }
  for (const scope of ['guesser', 'account', 'network'] as const) {
    expect(addFailure(old, scope, at)).toEqual({ failures: 1, lockedUntil: null })
  }
})

it('forgives a network one failure a minute, and an account none', () => {
  const busy = { failures: 40, lastFailedAt: at, lockedUntil: null }
  expect(addFailure(busy, 'network', later(59)).failures).toBe(41)
  expect(addFailure(busy, 'network', later(600)).failures).toBe(31)
  expect(addFailure(busy, 'network', later(7_200)).failures).toBe(1)
  expect(addFailure({ ...busy, failures: 10 }, 'account', later(7_200)).failures).toBe(11)
})

it('does not mind a clock that went back', () => {
  expect(
    addFailure({ failures: 3, lastFailedAt: later(900), lockedUntil: null }, 'network', at).failures,
  ).toBe(4)
})

it('rounds the remaining time of a lock up to whole seconds', () => {
  expect(secondsLocked(new Date('2026-01-01T00:00:01.200Z'), at)).toBe(2)
  expect(secondsLocked(new Date('2025-12-31T23:59:59Z'), at)).toBe(0)
  expect(secondsLocked(null, at)).toBe(0)
})

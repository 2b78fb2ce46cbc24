import { expect, it } from 'vitest'
import { startOf } from './schedule-price.ts'

const now = new Date('2026-06-30T12:00:00Z')

it('begins now when nothing else is said, or when the instant is as good as now', () => {
  expect(startOf(undefined, now)).toBeNull()
  expect(startOf('2026-06-30T12:00:00Z', now)).toBeNull()
  expect(startOf('2026-06-30T11:59:30Z', now)).toBeNull()
})

it('begins later when it is said so, in any zone', () => {
  expect(startOf('2026-07-01T02:00:00+02:00', now)).toEqual(new Date('2026-07-01T00:00:00Z'))
})

it('never begins in the past, in the far future, or at no instant at all', () => {
  for (const instant of [
    '2026-06-30T11:00:00Z',
    '1970-01-01T00:00:00Z',
    '9999-01-01T00:00:00Z',
    '2026-02-31T99:00:00Z',
  ])
    expect(() => startOf(instant, now)).toThrow()
})

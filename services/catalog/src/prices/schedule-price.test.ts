import { expect, it } from 'vitest'
import { startOf } from './schedule-price.ts'

const now = new Date('2026-06-30T12:00:00Z')

it('sets a price at once for an instant within a minute', () => {
  expect(startOf('2026-06-30T12:00:00Z', now)).toBeNull()
  expect(startOf('2026-06-30T11:59:30Z', now)).toBeNull()
})

it('schedules a price for a later instant in any time zone', () => {
  expect(startOf('2026-07-01T02:00:00+02:00', now)).toEqual(new Date('2026-07-01T00:00:00Z'))
})

it('refuses an instant in the past, in the far future or that does not exist', () => {
  for (const instant of [
    '2026-06-30T11:00:00Z',
    '1970-01-01T00:00:00Z',
    '9999-01-01T00:00:00Z',
    '2026-02-31T99:00:00Z',
  ])
    expect(() => startOf(instant, now)).toThrow()
})

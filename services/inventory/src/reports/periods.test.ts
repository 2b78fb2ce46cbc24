import { describe, expect, it } from 'vitest'
import { monthsOf, rangeFrom } from './periods.ts'

const now = new Date('2026-03-10T12:00:00Z')
const shown = ({ from, to }: { from: Date; to: Date }) => [from, to].map((date) => date.toISOString())

describe('the range of a report', () => {
  it('is the 30 days until now where none is given, and ends now where it would end later', () => {
    expect(shown(rangeFrom({}, now))).toEqual(['2026-02-08T12:00:00.000Z', '2026-03-10T12:00:00.000Z'])
    expect(shown(rangeFrom({ from: '2026-03-01', to: '2027-01-01' }, now))).toEqual([
      '2026-03-01T00:00:00.000Z',
      '2026-03-10T12:00:00.000Z',
    ])
  })

  it.each([
    ['a day that is none', { from: '2026-02-30' }, 'from'],
    ['a time that is none', { to: '2026-02-01T25:00:00Z' }, 'to'],
    ['an end before its beginning', { from: '2026-02-02', to: '2026-02-01' }, 'from'],
    ['nothing', { from: '2026-02-01', to: '2026-02-01' }, 'from'],
    ['the future', { from: '2026-04-01', to: '2026-05-01' }, 'from'],
    ['more than a leap year', { from: '2025-01-01', to: '2026-01-03' }, 'from'],
  ])('is refused where it is %s', (_, range, path) => {
    expect(() => rangeFrom(range, now)).toThrowError(
      expect.objectContaining({ extra: { errors: [expect.objectContaining({ path })] } }),
    )
  })

  it('is cut at the first of each month', () => {
    const months = monthsOf(rangeFrom({ from: '2025-12-15T06:00:00Z', to: '2026-02-01' }, now))
    expect(months.map(shown)).toEqual([
      ['2025-12-15T06:00:00.000Z', '2026-01-01T00:00:00.000Z'],
      ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
    ])
  })
})

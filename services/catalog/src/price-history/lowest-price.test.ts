import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { lowestPrice30Days, STILL_ASKED, type SalePeriod } from './lowest-price.ts'

const now = new Date('2026-06-30T12:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 3600 * 1000)
const asked = (amount: number, from: number, until?: number): SalePeriod => ({
  amount,
  from: daysAgo(from),
  until: until === undefined ? STILL_ASKED : daysAgo(until),
})

describe('the lowest price of the 30 days before', () => {
  it('is the price that is replaced, when nothing else happened', () => {
    expect(lowestPrice30Days([asked(1000, 100)], 800, now)).toBe(1000)
  })

  it('is the first price itself, where nothing was on sale before', () => {
    expect(lowestPrice30Days([], 800, now)).toBe(800)
  })

  it('counts a lower price of last week', () => {
    expect(lowestPrice30Days([asked(1000, 90, 10), asked(700, 10, 5), asked(1000, 5)], 900, now)).toBe(700)
  })

  it('counts a price that was asked when the 30 days began, and none that ended before', () => {
    expect(lowestPrice30Days([asked(500, 60, 40), asked(600, 40, 20), asked(1000, 20)], 900, now)).toBe(600)
    expect(lowestPrice30Days([asked(500, 60, 30), asked(1000, 30)], 900, now)).toBe(1000)
  })

  it('is the price itself after more than 30 days off sale', () => {
    expect(lowestPrice30Days([asked(500, 60, 31)], 900, now)).toBe(900)
  })

  it('is the least of the periods that touch the window, whatever they are', () => {
    const period = fc
      .record({ amount: fc.nat(100_000), from: fc.integer({ min: 1, max: 90 }), days: fc.nat(90) })
      .map(({ amount, from, days }) => ({ ...asked(amount, from, Math.max(0, from - days)), days }))
    fc.assert(
      fc.property(fc.array(period), fc.nat(100_000), (periods, amount) => {
        const counted = periods.filter(({ until }) => until > daysAgo(30)).map((each) => each.amount)
        const lowest = lowestPrice30Days(periods, amount, now)
        expect(lowest).toBe(counted.length === 0 ? amount : [...counted].sort((a, b) => a - b)[0])
      }),
    )
  })
})

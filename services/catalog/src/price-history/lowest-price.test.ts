import { describe, expect, it } from 'vitest'
import { lowestPrice30Days, type PriceStep } from './lowest-price.ts'

const gbp = (amount: number) => ({ amount, currency: 'GBP' })
const now = new Date('2026-06-30T12:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 3600 * 1000)
const step = (days: number, amount: number, previous: number | null): PriceStep => ({
  at: daysAgo(days),
  price: gbp(amount),
  previous: previous === null ? null : gbp(previous),
})

describe('the lowest price of the 30 days before', () => {
  it('is the price that is replaced, when nothing else happened', () => {
    expect(lowestPrice30Days([], gbp(1000), gbp(800), now)).toBe(1000)
  })

  it('is the first price itself, where there was none before', () => {
    expect(lowestPrice30Days([], null, gbp(800), now)).toBe(800)
  })

  it('counts a lower price of last week', () => {
    expect(lowestPrice30Days([step(10, 700, 1000), step(5, 1000, 700)], gbp(1000), gbp(900), now)).toBe(700)
  })

  it('counts a price that was in force when the 30 days began, and none that ended before', () => {
    // 500 until 40 days ago, 600 until 20 days ago, then 1000.
    expect(lowestPrice30Days([step(40, 600, 500), step(20, 1000, 600)], gbp(1000), gbp(900), now)).toBe(600)
    expect(lowestPrice30Days([step(40, 1000, 500)], gbp(1000), gbp(900), now)).toBe(1000)
  })

  it('counts prices in the same currency only', () => {
    const euro: PriceStep = { at: daysAgo(3), price: gbp(1000), previous: { amount: 1, currency: 'EUR' } }
    expect(lowestPrice30Days([euro], gbp(1000), gbp(900), now)).toBe(1000)
    expect(lowestPrice30Days([], { amount: 1, currency: 'EUR' }, gbp(900), now)).toBe(900)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyLevel, marginOf, nextAlert, updateSignals, type WatchedLevel } from './low-stock.ts'

const aLevel = (more: Partial<WatchedLevel> = {}): WatchedLevel => ({
  ...emptyLevel(),
  onHand: 100,
  countedAt: new Date(0),
  ...more,
})

/** The alerts that a series of available quantities opens or worsens, and the level in the end. */
const play = (availables: readonly number[], level = aLevel(), lowStockThreshold = 5) => {
  const emitted = availables.flatMap((available, at) => {
    Object.assign(level, { onHand: available })
    return updateSignals(level, { lowStockThreshold, now: new Date(at) }) ?? []
  })
  return { emitted, level }
}

describe('an alert', () => {
  it('opens once while the stock flutters around the threshold', () => {
    const { emitted, level } = play([6, 5, 6, 5, 6, 5])
    expect([emitted, level.alert, level.alertedAt]).toEqual([['low'], 'low', new Date(1)])
  })

  it('clears above the threshold and its margin, and opens again at the next crossing', () => {
    expect(play([5, 7]).level).toMatchObject({ alert: null, alertedAt: null })
    expect(play([5, 7, 5]).emitted).toEqual(['low', 'low'])
  })

  it('worsens once when nothing is left, also while single units come back', () => {
    expect(play([5, 0, 1, 0, 1, 0])).toMatchObject({ emitted: ['low', 'out'], level: { alert: 'out' } })
    expect(play([0, 2, 0]).emitted).toEqual(['out', 'out'])
    expect(play([0, 2]).level.alert).toBe('low')
  })

  it('has the threshold of its rule before that of the shop', () => {
    expect(play([20], aLevel({ lowStockThreshold: 20 })).emitted).toEqual(['low'])
    expect(play([1], aLevel({ lowStockThreshold: 0 })).emitted).toEqual([])
  })

  it('does not open where nobody counted or received anything', () => {
    expect(play([0], aLevel({ countedAt: null }))).toMatchObject({ emitted: [], level: { alert: null } })
  })

  it('is open exactly at or below the threshold, but for the margin above it', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.array(fc.nat(300), { minLength: 1 }), (threshold, availables) => {
        const { emitted, level } = play(availables, aLevel(), threshold)
        const available = availables.at(-1)!
        if (available <= threshold) expect(level.alert).not.toBeNull()
        if (available > threshold + marginOf(threshold)) expect(level.alert).toBeNull()
        expect(emitted.length).toBeLessThanOrEqual(availables.length)
        expect(nextAlert(level.alert, available, threshold)).toBe(level.alert)
      }),
    )
  })
})

describe('the reorder state', () => {
  const state = (available: number, more: Partial<WatchedLevel>) =>
    play([available], aLevel(more)).level.reorderState

  it('is due at the reorder point, keeps that an order is open, and ends above the point', () => {
    expect(state(10, { reorderPoint: 10 })).toBe('due')
    expect(state(9, { reorderPoint: 10, reorderState: 'ordered' })).toBe('ordered')
    expect(state(11, { reorderPoint: 10, reorderState: 'ordered' })).toBeNull()
    expect(state(0, { reorderPoint: null, reorderState: 'due' })).toBeNull()
    expect(state(0, { reorderPoint: 0, countedAt: null })).toBe('due')
  })
})

import { describe, expect, it } from 'vitest'
import { backoff, raceAbort, withTimeout } from './waiting.ts'

const never = new Promise<void>(() => undefined)

describe('backoff', () => {
  it('doubles with each failure up to its limit, with a jitter of half the pause', () => {
    for (const [failures, longest] of [
      [0, 100],
      [3, 800],
      [50, 10_000],
    ] as const) {
      const pauses = Array.from({ length: 50 }, () => backoff(failures))
      expect(Math.max(...pauses)).toBeLessThanOrEqual(longest)
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(longest / 2)
      expect(new Set(pauses).size).toBeGreaterThan(1)
    }
  })
})

describe('withTimeout', () => {
  it('rejects work that takes too long, naming it, and passes on what finishes in time', async () => {
    await expect(withTimeout(never, 5, 'this')).rejects.toThrow('this took longer than 5 ms')
    await expect(withTimeout(Promise.resolve(7), 1_000, 'this')).resolves.toBe(7)
  })
})

describe('raceAbort', () => {
  it('rejects with the reason of a signal that aborts first, or has aborted before', async () => {
    const ending = new AbortController()
    const waiting = raceAbort(never, ending.signal)
    ending.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(raceAbort(never, ending.signal)).rejects.toThrow('enough')
    await expect(raceAbort(Promise.resolve(7), new AbortController().signal)).resolves.toBe(7)
  })
})

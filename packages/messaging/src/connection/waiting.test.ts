import { describe, expect, it } from 'vitest'
import { backoff, orAborted, within } from './waiting.ts'

describe('waiting', () => {
  it('grows, is never the same for everybody, and ends at its longest', () => {
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

  it('ends when somebody says so, or when it takes too long', async () => {
    const never = new Promise<void>(() => undefined)
    const ending = new AbortController()
    const waiting = orAborted(never, ending.signal)
    ending.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(orAborted(never, ending.signal)).rejects.toThrow('enough')
    await expect(within(never, 5, 'this')).rejects.toThrow('this took longer than 5 ms')
    await expect(within(Promise.resolve(7), 1_000, 'this')).resolves.toBe(7)
    await expect(orAborted(Promise.resolve(7), new AbortController().signal)).resolves.toBe(7)
  })
})

import { afterEach, beforeEach, vi } from 'vitest'

/** Time that only the test lets pass, and what was logged meanwhile. */
export const useFakeTime = () => {
  const logged: string[] = []
  beforeEach(() => {
    vi.useFakeTimers()
    logged.length = 0
  })
  afterEach(() => vi.useRealTimers())
  return {
    logged,
    logger: {
      warn: (_details: object, message: string) => void logged.push(`warn: ${message}`),
      error: (_details: object, message: string) => void logged.push(`error: ${message}`),
    },
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  }
}

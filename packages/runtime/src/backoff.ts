import { sleep } from './timeout.ts'

export interface BackoffOptions {
  /** Longest pause after the first failure, in milliseconds. */
  from?: number
  to?: number
  factor?: number
  /** The part of the pause that is drawn from, so that what failed together does not return together. */
  spread?: readonly [low: number, high: number]
  random?: () => number
}

/** Milliseconds to wait after so many failures in a row, counted from 0: grows exponentially up to `to`. */
export const backoff = (
  failures: number,
  {
    from = 100,
    to = 10_000,
    factor = 2,
    spread: [low, high] = [0.5, 1],
    random = Math.random,
  }: BackoffOptions = {},
): number => Math.min(to, from * factor ** failures) * (low + (high - low) * random())

export const pauseBackoff = (failures: number, signal: AbortSignal, options?: BackoffOptions) =>
  sleep(backoff(failures, options), signal)

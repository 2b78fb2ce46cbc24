import { setTimeout as pause } from 'node:timers/promises'

/** Rejects when `work` takes longer than `ms`. */
export const withTimeout = async <T>(work: Promise<T>, ms: number, what: string): Promise<T> => {
  const done = new AbortController()
  const late = pause(ms, undefined, { signal: done.signal }).then(() => {
    throw new Error(`${what} took longer than ${ms} ms`)
  })
  // Aborting the timer rejects it when nobody awaits it any more.
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}

/** Rejects with the signal's reason when that aborts first. */
export const raceAbort = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })

/** Exponential, in milliseconds; the jitter keeps replicas from returning all at once. */
export const backoff = (failures: number, { from = 100, to = 10_000 } = {}) => {
  const longest = Math.min(to, from * 2 ** Math.min(failures, 16))
  return longest / 2 + Math.random() * (longest / 2)
}

/** Waits out the back-off, or until the signal aborts; never rejects. */
export const pauseBackoff = async (
  failures: number,
  signal: AbortSignal,
  limits?: { from?: number; to?: number },
) => {
  await pause(backoff(failures, limits), undefined, { signal }).catch(() => undefined)
}

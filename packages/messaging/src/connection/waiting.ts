import { setTimeout as pause } from 'node:timers/promises'

/** Rejects when `work` takes longer. */
export const within = async <T>(work: Promise<T>, ms: number, what: string): Promise<T> => {
  const done = new AbortController()
  const late = pause(ms, undefined, { signal: done.signal }).then(() => {
    throw new Error(`${what} took longer than ${ms} ms`)
  })
  // Ending the timer rejects it, and nobody listens any more by then.
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}

/** Rejects with the signal's reason when that aborts first. */
export const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })

/** Grows to the longest pause; the jitter keeps replicas from returning all at once. */
export const backoff = (failures: number, { from = 100, to = 10_000 } = {}) => {
  const longest = Math.min(to, from * 2 ** Math.min(failures, 16))
  return longest / 2 + Math.random() * (longest / 2)
}

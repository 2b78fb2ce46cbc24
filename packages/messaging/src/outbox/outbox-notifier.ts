const listeners = new Set<() => void>()

export const notifyRelays = () => {
  for (const notify of listeners) notify()
}

/** Remembers notifications that come between two waits, so that none is missed. */
export const createOutboxNotifier = () => {
  let notified = false
  let endWait: (() => void) | undefined
  const notify = () => {
    notified = true
    endWait?.()
  }
  return {
    notify,
    listen: () => void listeners.add(notify),
    stop: () => void listeners.delete(notify),
    /** Forgets earlier notifications; call it before reading the outbox. */
    reset: () => void (notified = false),
    /** Resolves at the next notification since `reset`, after `ms`, or when the signal aborts: whether it was notified. */
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<boolean>((resolve) => {
        if (notified || signal.aborted) return resolve(notified)
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          endWait = undefined
          resolve(notified)
        }
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', done, { once: true })
        endWait = done
      }),
  }
}

import { sleep } from './timeout.ts'

export interface JobLogger {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export interface Job {
  readonly name: string
  start(): void
  /** Resolves when nothing of it is under way any more. */
  stop(): Promise<void>
  notify(): void
}

/** A flag that can be waited for: what is notified after `clear` is seen by the next `wait`. */
const createNotification = () => {
  let pending = Promise.withResolvers<void>()
  const notify = () => pending.resolve()
  return {
    notify,
    clear: () => {
      pending = Promise.withResolvers()
    },
    wait: async (ms: number) => {
      const timer = setTimeout(notify, ms)
      await pending.promise
      clearTimeout(timer)
    },
  }
}

/** The job that `run` is the loop of; it ends when the signal of `stopping` aborts. */
const jobOf = (
  name: string,
  stopping: AbortController,
  notify: () => void,
  run: () => Promise<void>,
  drain = async () => {},
): Job => {
  let loop = Promise.resolve()
  return {
    name,
    start: () => {
      loop = run()
    },
    stop: async () => {
      stopping.abort(new Error(`${name} stops`))
      notify()
      await loop
      await drain()
    },
    notify,
  }
}

/** `intervalMs` counts from the end of a round; what it throws is logged and the next round tries again. */
export const createPeriodicJob = ({
  name,
  intervalMs,
  run,
  logger,
  immediately = false,
  repeatWhileBusy = false,
}: {
  name: string
  intervalMs: number
  run: (signal: AbortSignal) => Promise<unknown>
  logger: JobLogger
  immediately?: boolean
  repeatWhileBusy?: boolean
}): Job => {
  const stopping = new AbortController()
  const { signal } = stopping
  const notification = createNotification()

  const round = async () => {
    try {
      while (!signal.aborted && (await run(signal)) === true && repeatWhileBusy) continue
    } catch (error) {
      if (!signal.aborted) logger.error({ err: error, job: name }, 'a round failed; the next one tries again')
    }
  }
  const rounds = async () => {
    if (!immediately) await notification.wait(intervalMs)
    while (!signal.aborted) {
      notification.clear()
      await round()
      if (!signal.aborted) await notification.wait(intervalMs)
    }
  }
  return jobOf(name, stopping, notification.notify, rounds)
}

export interface Claim<Item> {
  items: readonly Item[]
  /** As many were found as were asked for. */
  more: boolean
}

export interface LeaseWorker<Item> extends Job {
  /** Whether items that this process leases itself will be worked on: started, not stopping, and not too many waiting. */
  accepts(): boolean
  /** Items that are leased already, without a claim. They wait for a free place `freshMs` at most, then for their lease. */
  take(items: readonly Item[]): void
}

const MAX_TAKEN = 1_000

/** One of many replicas has each item; what a dead process held is claimed again when its lease ends. */
export const createLeaseWorker = <Item>({
  name,
  claim,
  work,
  concurrency,
  pollMs,
  drainMs,
  freshMs = 0,
  release = async () => {},
  logger,
}: {
  name: string
  claim: (limit: number) => Promise<Claim<Item>>
  /** Records the outcome itself; what it throws is logged and left to the lease. The signal aborts after `drainMs`. */
  work: (item: Item, signal: AbortSignal) => Promise<void>
  concurrency: number
  pollMs: number
  /** How long a stop waits before the signal of `work` aborts; without it as long as it takes. */
  drainMs?: number
  /** How long taken items may wait here; less than their lease leaves to work on them. */
  freshMs?: number
  /** Gives back the leases of taken items that were not begun when the worker stops. */
  release?: (items: readonly Item[]) => Promise<void>
  logger: JobLogger
}): LeaseWorker<Item> => {
  const stopping = new AbortController()
  const abandoning = new AbortController()
  const notification = createNotification()
  const underWay = new Set<Promise<void>>()
  const taken: { item: Item; staleAt: number }[] = []
  let started = false
  let moreWaits = true

  const begin = (item: Item) => {
    const task = work(item, abandoning.signal)
      .catch((error: unknown) => logger.warn({ err: error, job: name }, 'an item is left to its lease'))
      .finally(() => {
        underWay.delete(task)
        beginTaken()
        if (moreWaits) notification.notify()
      })
    underWay.add(task)
  }

  const beginTaken = () => {
    while (!stopping.signal.aborted && taken.length > 0 && underWay.size < concurrency) {
      const next = taken.shift()
      if (next && next.staleAt > performance.now()) begin(next.item)
    }
  }

  const claimOnce = async () => {
    const limit = concurrency - underWay.size
    moreWaits = true
    if (limit <= 0) return false
    const { items, more } = await claim(limit)
    moreWaits = more
    items.forEach(begin)
    return more
  }

  const run = async () => {
    started = true
    while (!stopping.signal.aborted) {
      // Before the claim: what is committed from now on, and perhaps not seen by it, ends the wait after it.
      notification.clear()
      try {
        if (await claimOnce()) continue
      } catch (error) {
        logger.warn({ err: error, job: name }, 'work cannot be claimed; tries again')
        await sleep(pollMs, stopping.signal)
        continue
      }
      if (!stopping.signal.aborted) await notification.wait(pollMs)
    }
  }

  const drain = async () => {
    const abandon = () => abandoning.abort(new Error(`${name} stops`))
    const timer = drainMs === undefined ? undefined : setTimeout(abandon, drainMs)
    if (taken.length > 0) await release(taken.splice(0).map(({ item }) => item)).catch(() => undefined)
    await Promise.all(underWay)
    clearTimeout(timer)
  }

  return {
    ...jobOf(name, stopping, notification.notify, run, drain),
    accepts: () => started && !stopping.signal.aborted && taken.length < MAX_TAKEN,
    take: (items) => {
      const staleAt = performance.now() + freshMs
      taken.push(...items.map((item) => ({ item, staleAt })))
      beginTaken()
    },
  }
}

import { withTimeout } from './timeout.ts'

/** So many milliseconds a read waits at most for one like it that began before, to share the next statement. */
export const READ_WAIT_MS = 250

/** Resolves when the work has ended, well or not, or after so many milliseconds. */
const endOf = (work: Promise<unknown>, ms: number): Promise<unknown> =>
  withTimeout(work, ms).catch(() => undefined)

const LINGERING_BATCHES = 4

/**
 * Turns single calls into batches: what arrives while one batch is under way goes with the next.
 * A call never joins a batch that has already started, so that what it reads is as fresh as the call.
 * `flush` answers one result per item, in order; its failure fails every call of that batch. With `waitMs` the next
 * batch waits no longer than that for the one before: where a connection is silent, others may still work. After
 * a batch of several the next ones wait `lingerMs` for more, as Kafka's `linger.ms`; calls that come alone do not wait.
 */
export const createBatcher = <Item, Result>(
  flush: (items: Item[]) => Promise<Result[]>,
  { maxBatch = 100, waitMs, lingerMs = 0 }: { maxBatch?: number; waitMs?: number; lingerMs?: number } = {},
) => {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let queue: Waiting[] = []
  let running = false
  let lingering = 0
  let onFull: (() => void) | undefined

  const send = async (batch: Waiting[]) => {
    try {
      const results = await flush(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  const linger = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lingerMs)
      onFull = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const drain = async () => {
    // One turn of the event loop lets calls that came in together travel together.
    await new Promise(setImmediate)
    while (queue.length > 0) {
      if (lingering > 0 && queue.length < maxBatch) await linger()
      if (lingerMs > 0) lingering = queue.length > 1 ? LINGERING_BATCHES : lingering - 1
      const batch = queue.slice(0, maxBatch)
      queue = queue.slice(maxBatch)
      const sent = send(batch)
      await (waitMs === undefined ? sent : endOf(sent, waitMs))
    }
    running = false
  }

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      if (queue.length >= maxBatch) onFull?.()
      if (running) return
      running = true
      void drain()
    })
}

/** Equal calls that come while one is under way share the next: none joins one that has begun, so that what it reads
 * is as fresh as the call. The next waits `waitMs` at most. */
export const createSharedReads = <Result>({ waitMs }: { waitMs: number }) => {
  type Read = { current: Promise<Result>; next?: Promise<Result> }
  const reads = new Map<string, Read>()

  const start = (key: string, read: () => Promise<Result>): Promise<Result> => {
    const begun: Read = { current: read() }
    reads.set(key, begun)
    const end = () => {
      if (reads.get(key) === begun) reads.delete(key)
    }
    begun.current.then(end, end)
    return begun.current
  }

  return (key: string, read: () => Promise<Result>): Promise<Result> => {
    const begun = reads.get(key)
    if (!begun) return start(key, read)
    begun.next ??= endOf(begun.current, waitMs).then(() => start(key, read))
    return begun.next
  }
}

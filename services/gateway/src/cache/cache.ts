import { counter, gauge, onScrape } from '@storewright/runtime/metrics'
import { LRUCache } from 'lru-cache'
import type { Headers } from '../proxy/headers.ts'

/** Of every answer, counted from when its service was asked: a lost event costs a second of age and nothing else. */
export const MAX_AGE_MS = 1_000
/** Beyond so many dropped subjects everything is dropped once, and counting begins anew. */
const MAX_DROPS = 10_000
/** One answer takes at most this part of the memory. */
const ANSWERS = 16
const BYTES_BESIDES_BODY = 2_048

const drops = counter('storewright_cache_drops_total', 'Events that dropped the answers about their subject')
const bytes = gauge('storewright_cache_bytes', 'What the answers in memory take')
const answers = gauge('storewright_cache_answers', 'Answers in memory, those that just expired included')

export interface Answer {
  route: string
  /** Without those of one request or connection. */
  headers: Headers
  body: Buffer
  /** What it is about: ids and SKUs, which are the subjects of events. */
  subjects: readonly string[]
}

export interface Entry extends Answer {
  beganAt: number
  /** It is newer than all that was dropped up to this number. */
  since: number
  /** The same headers with the gateway's own, as `writeHead` takes them fastest. */
  rawHeaders?: string[]
}

export interface Fill {
  /** Keeps the answer, which is not used where an event dropped it meanwhile; whoever waits gets it either way. */
  keep(answer: Answer): Entry
  /** Lets those that wait ask by themselves where nothing was kept. */
  end(): void
}

export interface Cache {
  /** Bytes of the largest body that is kept. */
  readonly maxBody: number
  get(key: string): Entry | undefined
  /** The answer to a request that is under way, unless it has none or an event about it came meanwhile. */
  join(key: string): Promise<Entry | undefined> | undefined
  begin(key: string): Fill
  drop(subject: string): void
  clear(): void
  sweep(): void
  close(): void
}

interface Running {
  beganAt: number
  since: number
  entry: Promise<Entry | undefined>
}

/** Answers of services by request, within so many bytes. What is dropped is found out when it is asked for. */
export const createCache = ({
  maxBytes,
  clock = () => performance.now(),
}: {
  maxBytes: number
  clock?: () => number
}): Cache => {
  const entries = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    ttl: MAX_AGE_MS,
    ttlResolution: 0,
    perf: { now: clock },
  })
  const running = new Map<string, Running>()
  const dropped = new Map<string, number>()
  let latest = 0
  let floor = 0

  const isDropped = (subjects: readonly string[], since: number) =>
    since < floor || (since < latest && subjects.some((subject) => (dropped.get(subject) ?? 0) > since))

  const forgetDrops = () => {
    floor = latest
    dropped.clear()
  }

  const closeMetrics = onScrape(async () => {
    bytes.set(entries.calculatedSize)
    answers.set(entries.size)
  })

  return {
    maxBody: Math.floor(maxBytes / ANSWERS),
    get: (key) => {
      const entry = entries.get(key)
      if (!entry || isDropped(entry.subjects, entry.since)) return undefined
      entry.since = latest
      return entry
    },
    join: (key) => {
      const fill = running.get(key)
      if (!fill || fill.since < floor || clock() - fill.beganAt >= MAX_AGE_MS) return undefined
      return fill.entry.then((entry) => (entry && !isDropped(entry.subjects, fill.since) ? entry : undefined))
    },
    begin: (key) => {
      const { promise, resolve } = Promise.withResolvers<Entry | undefined>()
      const fill = { beganAt: clock(), since: latest, entry: promise }
      running.set(key, fill)
      return {
        keep: (answer) => {
          const entry: Entry = { ...answer, beganAt: fill.beganAt, since: fill.since }
          const newer = (entries.peek(key)?.beganAt ?? 0) > fill.beganAt
          if (!newer) {
            entries.set(key, entry, {
              start: fill.beganAt,
              size: BYTES_BESIDES_BODY + key.length + answer.body.length,
            })
          }
          resolve(entry)
          return entry
        },
        end: () => {
          if (running.get(key) === fill) running.delete(key)
          resolve(undefined)
        },
      }
    },
    drop: (subject) => {
      latest += 1
      dropped.set(subject, latest)
      if (dropped.size > MAX_DROPS) forgetDrops()
      drops.inc()
    },
    clear: () => {
      latest += 1
      forgetDrops()
      entries.clear()
    },
    sweep: () => void entries.purgeStale(),
    close: closeMetrics,
  }
}

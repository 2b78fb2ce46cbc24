import type { Store } from './store.ts'

/** What is left to somebody after a request was counted, or refused. */
export interface Standing {
  allowed: boolean
  limit: number
  remaining: number
  resetMs: number
}

export interface Limit {
  perMinute: number
  /** Points that a replica takes at once, so that most requests cost no question; 1 counts exactly. */
  lease: number
}

export interface Limiter {
  /** Counts one request; at once where a lease or a refusal is at hand. */
  take(name: string, limit: Limit): Standing | Promise<Standing>
  /** The refusal that is known already, without counting. */
  refusal(name: string, limit: Limit): Standing | undefined
  /** Forgets windows that have ended. */
  sweep(): void
}

interface Bucket {
  endsAt: number
  /** Whether `endsAt` is the store's. */
  shared: boolean
  /** Taken in this window: by all replicas when last heard, and by this one while the store was away. */
  total: number
  /** Points of ours that nobody has used yet. */
  left: number
  waiting: ((standing: Standing) => void)[]
  asking: boolean
}

const WINDOW_MS = 60_000
/** Bounds what a flood from ever new addresses can make this process remember. */
const MOST_BUCKETS = 100_000

/**
 * Counts requests in windows of a minute that begin with the first one. Points come from the store in leases, so
 * that all replicas together never give out more than the limit; what a replica has taken and not used is lost to
 * the others until the window ends. A spent limit is remembered, so that a flood asks nobody.
 */
export const createLimiter = ({
  store,
  clock = Date.now,
}: {
  store: Pick<Store, 'take' | 'usable'>
  clock?: () => number
}): Limiter => {
  const buckets = new Map<string, Bucket>()

  const bucketOf = (name: string) => {
    let bucket = buckets.get(name)
    if (!bucket) {
      const [oldest] = buckets.keys()
      if (buckets.size >= MOST_BUCKETS && oldest !== undefined) buckets.delete(oldest)
      bucket = { endsAt: 0, shared: false, total: 0, left: 0, waiting: [], asking: false }
      buckets.set(name, bucket)
    }
    return bucket
  }

  const standing = (bucket: Bucket, limit: Limit, allowed: boolean): Standing => ({
    allowed,
    limit: limit.perMinute,
    remaining: allowed ? bucket.left + Math.max(0, limit.perMinute - bucket.total) : 0,
    resetMs: Math.max(0, bucket.endsAt - clock()),
  })

  const use = (bucket: Bucket, limit: Limit) => {
    const allowed = bucket.left > 0
    if (allowed) bucket.left -= 1
    return standing(bucket, limit, allowed)
  }

  /** What this process knows of the window still counts; without it the limit holds for this process alone. */
  const takeAlone = (bucket: Bucket, limit: Limit) => {
    const now = clock()
    if (bucket.endsAt <= now)
      Object.assign(bucket, { endsAt: now + WINDOW_MS, shared: false, total: 0, left: 0 })
    if (bucket.left === 0 && bucket.total < limit.perMinute) {
      bucket.total += 1
      bucket.left += 1
    }
    return use(bucket, limit)
  }

  const refusal = (bucket: Bucket, limit: Limit) =>
    bucket.left === 0 && bucket.total >= limit.perMinute && bucket.endsAt > clock()
      ? standing(bucket, limit, false)
      : undefined

  const ask = async (name: string, bucket: Bucket, limit: Limit) => {
    bucket.asking = true
    while (bucket.waiting.length > 0) {
      const points = Math.max(limit.lease, bucket.waiting.length)
      const now = clock()
      const known = bucket.shared && bucket.endsAt > now
      if (refusal(bucket, limit)) {
        for (const answer of bucket.waiting.splice(0)) answer(use(bucket, limit))
        break
      }
      try {
        const taken = await store.take(name, points, {
          now,
          endsAt: now + WINDOW_MS,
          ...(known && { knownEnd: bucket.endsAt }),
        })
        const before = taken.total - points
        bucket.left = Math.max(0, Math.min(points, limit.perMinute - before))
        bucket.total = taken.total
        bucket.endsAt = taken.endsAt
        bucket.shared = true
        for (const answer of bucket.waiting.splice(0, points)) answer(use(bucket, limit))
      } catch {
        for (const answer of bucket.waiting.splice(0)) answer(takeAlone(bucket, limit))
      }
    }
    bucket.asking = false
  }

  return {
    take: (name, limit) => {
      const bucket = bucketOf(name)
      if (bucket.waiting.length === 0) {
        if (bucket.left > 0 && bucket.endsAt > clock()) return use(bucket, limit)
        const refused = refusal(bucket, limit)
        if (refused) return refused
        if (!bucket.asking && !store.usable()) return takeAlone(bucket, limit)
      }
      return new Promise((resolve) => {
        bucket.waiting.push(resolve)
        if (!bucket.asking) void ask(name, bucket, limit)
      })
    },
    refusal: (name, limit) => {
      const bucket = buckets.get(name)
      return bucket && refusal(bucket, limit)
    },
    sweep: () => {
      const now = clock()
      for (const [name, { endsAt, asking }] of buckets) if (endsAt <= now && !asking) buckets.delete(name)
    },
  }
}

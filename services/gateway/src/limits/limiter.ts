import type { Store } from './store.ts'

export interface RateLimitResult {
  allowed: boolean
  limit: number
  remaining: number
  resetMs: number
}

export interface Limit {
  perMinute: number
  /** Points that a replica takes from the store at once, so that most requests need no query; 1 counts exactly. */
  lease: number
}

export interface Limiter {
  /** Counts one request, synchronously where a lease or a refusal is known. */
  consume(key: string, limit: Limit): RateLimitResult | Promise<RateLimitResult>
  /** Counts one where that needs no query and is allowed; otherwise nothing is counted and the caller has to `consume`. */
  consumeNow(key: string, limit: Limit): RateLimitResult | undefined
  /** The refusal that is known already, without counting. */
  refusal(key: string, limit: Limit): RateLimitResult | undefined
  sweep(): void
}

interface Bucket {
  endsAt: number
  shared: boolean
  /** Taken in this window: by all replicas as of the last query, and by this one while the store was unavailable. */
  total: number
  /** Points of this replica that are not used yet. */
  left: number
  waiting: ((result: RateLimitResult) => void)[]
  querying: boolean
}

const WINDOW_MS = 60_000
// Bounds what a flood from ever new addresses can take.
const MAX_BUCKETS = 100_000

/** Counts in windows of a minute. Points are leased from the store, so that replicas together never exceed the limit. */
export const createLimiter = ({
  store,
  clock = Date.now,
}: {
  store: Pick<Store, 'consume' | 'usable'>
  clock?: () => number
}): Limiter => {
  const buckets = new Map<string, Bucket>()

  const bucketOf = (key: string) => {
    let bucket = buckets.get(key)
    if (!bucket) {
      const [oldest] = buckets.keys()
      if (buckets.size >= MAX_BUCKETS && oldest !== undefined) buckets.delete(oldest)
      bucket = { endsAt: 0, shared: false, total: 0, left: 0, waiting: [], querying: false }
      buckets.set(key, bucket)
    }
    return bucket
  }

  const resultOf = (bucket: Bucket, limit: Limit, allowed: boolean): RateLimitResult => ({
    allowed,
    limit: limit.perMinute,
    remaining: allowed ? bucket.left + Math.max(0, limit.perMinute - bucket.total) : 0,
    resetMs: Math.max(0, bucket.endsAt - clock()),
  })

  const use = (bucket: Bucket, limit: Limit) => {
    const allowed = bucket.left > 0
    if (allowed) bucket.left -= 1
    return resultOf(bucket, limit, allowed)
  }

  /** What is known of the window still counts; without it the limit holds for this process alone. */
  const consumeAlone = (bucket: Bucket, limit: Limit) => {
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
      ? resultOf(bucket, limit, false)
      : undefined

  const query = async (key: string, bucket: Bucket, limit: Limit) => {
    bucket.querying = true
    while (bucket.waiting.length > 0) {
      const points = Math.max(limit.lease, bucket.waiting.length)
      const now = clock()
      const known = bucket.shared && bucket.endsAt > now
      if (refusal(bucket, limit)) {
        for (const answer of bucket.waiting.splice(0)) answer(use(bucket, limit))
        break
      }
      try {
        const taken = await store.consume(key, points, {
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
        for (const answer of bucket.waiting.splice(0)) answer(consumeAlone(bucket, limit))
      }
    }
    bucket.querying = false
  }

  return {
    consume: (key, limit) => {
      const bucket = bucketOf(key)
      if (bucket.waiting.length === 0) {
        if (bucket.left > 0 && bucket.endsAt > clock()) return use(bucket, limit)
        const refused = refusal(bucket, limit)
        if (refused) return refused
        if (!bucket.querying && !store.usable()) return consumeAlone(bucket, limit)
      }
      return new Promise((resolve) => {
        bucket.waiting.push(resolve)
        if (!bucket.querying) void query(key, bucket, limit)
      })
    },
    consumeNow: (key, limit) => {
      const bucket = buckets.get(key)
      if (!bucket || bucket.waiting.length > 0) return undefined
      if (bucket.left > 0 && bucket.endsAt > clock()) return use(bucket, limit)
      const alone = !bucket.querying && !refusal(bucket, limit) && !store.usable()
      return alone ? consumeAlone(bucket, limit) : undefined
    },
    refusal: (key, limit) => {
      const bucket = buckets.get(key)
      return bucket && refusal(bucket, limit)
    },
    sweep: () => {
      const now = clock()
      for (const [key, { endsAt, querying }] of buckets) if (endsAt <= now && !querying) buckets.delete(key)
    },
  }
}

import { expect, it } from 'vitest'
import { createLimiter, type Limit, type RateLimitResult } from './limiter.ts'

/** A store in memory, shared by as many limiters as are made of it. */
const startStore = () => {
  let now = 1_000_000
  let unavailable = false
  const windows = new Map<string, { total: number; endsAt: number }>()
  const queried: string[] = []
  const store = {
    usable: () => !unavailable,
    consume: async (name: string, points: number, { now: at, endsAt }: { now: number; endsAt: number }) => {
      queried.push(name)
      await Promise.resolve()
      if (unavailable) throw new Error('unavailable')
      const known = windows.get(name)
      const window = known && known.endsAt > at ? known : { total: 0, endsAt }
      window.total += points
      windows.set(name, window)
      return { total: window.total, endsAt: window.endsAt }
    },
  }
  return {
    queried,
    limiter: () => createLimiter({ store, clock: () => now }),
    pass: (ms: number) => void (now += ms),
    setUnavailable: (isUnavailable: boolean) => void (unavailable = isUnavailable),
  }
}

const leased: Limit = { perMinute: 60, lease: 10 }
const exact: Limit = { perMinute: 5, lease: 1 }

const takeAll = async (limiter: ReturnType<typeof createLimiter>, limit: Limit, times: number) => {
  const results: RateLimitResult[] = []
  for (let time = 0; time < times; time++) results.push(await limiter.consume('a', limit))
  return results.filter(({ allowed }) => allowed).length
}

/** How many of these concurrent requests, at the limiters in turn, are granted. */
const countGranted = async (limiters: ReturnType<typeof createLimiter>[], limit: Limit, times: number) => {
  const results = await Promise.all(
    Array.from({ length: times }, async (_, time) => limiters[time % limiters.length]!.consume('a', limit)),
  )
  return results.filter(({ allowed }) => allowed).length
}

it('queries the store once per lease, and not at all once the limit is spent', async () => {
  const { limiter, queried } = startStore()
  expect(await takeAll(limiter(), leased, 1_000)).toBe(60)
  expect(queried).toHaveLength(6)
})

it('counts at once only where a lease is left, and otherwise counts nothing', async () => {
  const { limiter, queried, pass } = startStore()
  const one = limiter()
  expect(one.consumeNow('a', leased)).toBeUndefined()
  await one.consume('a', leased)
  expect(Array.from({ length: 9 }, () => one.consumeNow('a', leased)?.remaining)).toEqual([
    58, 57, 56, 55, 54, 53, 52, 51, 50,
  ])
  expect(one.consumeNow('a', leased)).toBeUndefined()
  expect(await one.consume('a', leased)).toMatchObject({ remaining: 49 })
  expect(queried).toHaveLength(2)
  pass(60_000)
  expect(one.consumeNow('a', leased)).toBeUndefined()
})

it('returns what is left of the limit and when its window ends', async () => {
  const { limiter, pass } = startStore()
  const one = limiter()
  expect(await one.consume('a', leased)).toEqual({ allowed: true, limit: 60, remaining: 59, resetMs: 60_000 })
  pass(20_000)
  expect(await one.consume('a', leased)).toEqual({ allowed: true, limit: 60, remaining: 58, resetMs: 40_000 })
  await takeAll(one, leased, 58)
  expect(await one.consume('a', leased)).toEqual({ allowed: false, limit: 60, remaining: 0, resetMs: 40_000 })
})

it('grants at several replicas never more than the limit, and nearly all of it', async () => {
  const { limiter } = startStore()
  expect(await countGranted([limiter(), limiter(), limiter()], leased, 300)).toBe(60)
  // Of replicas used one after the other, unused leases are lost, never granted twice.
  const alone = startStore()
  const [first, second] = [alone.limiter(), alone.limiter()]
  await first.consume('a', leased)
  expect(await takeAll(second, leased, 300)).toBe(50)
})

it('counts exactly where a lease is one point, also for concurrent requests', async () => {
  const { limiter } = startStore()
  expect(await countGranted([limiter(), limiter(), limiter()], exact, 30)).toBe(5)
})

it('begins a new window when the last one has ended', async () => {
  const { limiter, pass } = startStore()
  const one = limiter()
  expect(await takeAll(one, exact, 9)).toBe(5)
  pass(59_999)
  expect(await takeAll(one, exact, 1)).toBe(0)
  pass(1)
  expect(await takeAll(one, exact, 9)).toBe(5)
})

it('keeps the limit alone while the store is unavailable, from what it knew of the window', async () => {
  const { limiter, setUnavailable, pass, queried } = startStore()
  const one = limiter()
  expect(await takeAll(one, leased, 25)).toBe(25)
  setUnavailable(true)
  expect(await takeAll(one, leased, 100)).toBe(35)
  pass(60_000)
  expect(await takeAll(one, leased, 100)).toBe(60)
  expect(queried).toHaveLength(3)
  setUnavailable(false)
  pass(60_000)
  expect(await takeAll(one, leased, 100)).toBe(60)
  expect(queried).toHaveLength(9)
})

it('decides requests that wait for the store when it becomes unavailable', async () => {
  const { limiter, setUnavailable } = startStore()
  const granted = countGranted([limiter()], exact, 8)
  setUnavailable(true)
  expect(await granted).toBe(5)
})

it('forgets windows that have ended', async () => {
  const { limiter, pass } = startStore()
  const one = limiter()
  await takeAll(one, exact, 9)
  expect(one.refusal('a', exact)).toMatchObject({ allowed: false })
  one.sweep()
  expect(one.refusal('a', exact)).toBeDefined()
  pass(60_000)
  one.sweep()
  expect(one.refusal('a', exact)).toBeUndefined()
})

it('counts a request in the window that ends while the store is called, and the next one in a new window', async () => {
  const { limiter, pass } = startStore()
  const one = limiter()
  await takeAll(one, exact, 4)
  pass(59_999)
  const atTheTurn = one.consume('a', exact)
  pass(1)
  expect(await atTheTurn).toEqual({ allowed: true, limit: 5, remaining: 0, resetMs: 0 })
  expect(await one.consume('a', exact)).toEqual({ allowed: true, limit: 5, remaining: 4, resetMs: 60_000 })
})

it('uses no point of a lease after the window it was taken for', async () => {
  const { limiter, pass, queried } = startStore()
  const one = limiter()
  await one.consume('a', leased)
  pass(60_000)
  expect(await takeAll(one, leased, 100)).toBe(60)
  expect(queried).toHaveLength(7)
})

it('refuses what is spent in the shared window after counting alone while the store was unavailable', async () => {
  const { limiter, setUnavailable } = startStore()
  const [one, other] = [limiter(), limiter()]
  expect(await takeAll(one, exact, 3)).toBe(3)
  setUnavailable(true)
  expect(await takeAll(other, exact, 9)).toBe(5)
  setUnavailable(false)
  expect(await takeAll(one, exact, 9)).toBe(2)
  expect(await takeAll(other, exact, 1)).toBe(0)
})

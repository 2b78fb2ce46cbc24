import { expect, it } from 'vitest'
import { createLimiter, type Limit, type Standing } from './limiter.ts'

/** A store in memory, shared by as many limiters as are made of it. */
const startStore = () => {
  let now = 1_000_000
  let away = false
  const windows = new Map<string, { total: number; endsAt: number }>()
  const asked: string[] = []
  const store = {
    usable: () => !away,
    take: async (name: string, points: number, { now: at, endsAt }: { now: number; endsAt: number }) => {
      asked.push(name)
      await Promise.resolve()
      if (away) throw new Error('away')
      const known = windows.get(name)
      const window = known && known.endsAt > at ? known : { total: 0, endsAt }
      window.total += points
      windows.set(name, window)
      return { total: window.total, endsAt: window.endsAt }
    },
  }
  return {
    asked,
    limiter: () => createLimiter({ store, clock: () => now }),
    pass: (ms: number) => void (now += ms),
    setAway: (isAway: boolean) => void (away = isAway),
  }
}

const leased: Limit = { perMinute: 60, lease: 10 }
const exact: Limit = { perMinute: 5, lease: 1 }

const takeAll = async (limiter: ReturnType<typeof createLimiter>, limit: Limit, times: number) => {
  const standings: Standing[] = []
  for (let time = 0; time < times; time++) standings.push(await limiter.take('a', limit))
  return standings.filter(({ allowed }) => allowed).length
}

it('asks the store once per lease, and not at all once the limit is spent', async () => {
  const { limiter, asked } = startStore()
  expect(await takeAll(limiter(), leased, 1_000)).toBe(60)
  expect(asked).toHaveLength(6)
})

it('tells what is left, and when the window ends', async () => {
  const { limiter, pass } = startStore()
  const one = limiter()
  expect(await one.take('a', leased)).toEqual({ allowed: true, limit: 60, remaining: 59, resetMs: 60_000 })
  pass(20_000)
  expect(await one.take('a', leased)).toEqual({ allowed: true, limit: 60, remaining: 58, resetMs: 40_000 })
  await takeAll(one, leased, 58)
  expect(await one.take('a', leased)).toEqual({ allowed: false, limit: 60, remaining: 0, resetMs: 40_000 })
})

it('never gives out more than the limit at several replicas, and nearly all of it', async () => {
  const { limiter } = startStore()
  const replicas = [limiter(), limiter(), limiter()]
  const standings = await Promise.all(
    Array.from({ length: 300 }, async (_, time) => replicas[time % 3]!.take('a', leased)),
  )
  expect(standings.filter(({ allowed }) => allowed)).toHaveLength(60)
  // One after the other leases lie unused at the others, and those are lost, never doubled.
  const alone = startStore()
  const [first, second] = [alone.limiter(), alone.limiter()]
  await first.take('a', leased)
  expect(await takeAll(second, leased, 300)).toBe(50)
})

it('counts exactly where a lease is one point, also at once', async () => {
  const { limiter } = startStore()
  const replicas = [limiter(), limiter(), limiter()]
  const standings = await Promise.all(
    Array.from({ length: 30 }, async (_, time) => replicas[time % 3]!.take('a', exact)),
  )
  expect(standings.filter(({ allowed }) => allowed)).toHaveLength(5)
})

it('begins anew when the window has ended', async () => {
  const { limiter, pass } = startStore()
  const one = limiter()
  expect(await takeAll(one, exact, 9)).toBe(5)
  pass(59_999)
  expect(await takeAll(one, exact, 1)).toBe(0)
  pass(1)
  expect(await takeAll(one, exact, 9)).toBe(5)
})

it('holds the limit for itself while the store is away, remembering what it knew', async () => {
  const { limiter, setAway, pass, asked } = startStore()
  const one = limiter()
  expect(await takeAll(one, leased, 25)).toBe(25)
  setAway(true)
  expect(await takeAll(one, leased, 100)).toBe(35)
  pass(60_000)
  expect(await takeAll(one, leased, 100)).toBe(60)
  expect(asked).toHaveLength(3)
  setAway(false)
  pass(60_000)
  expect(await takeAll(one, leased, 100)).toBe(60)
  expect(asked).toHaveLength(9)
})

it('answers those who waited when the store went away under them', async () => {
  const { limiter, setAway } = startStore()
  const one = limiter()
  const waiting = Array.from({ length: 8 }, async () => one.take('a', exact))
  setAway(true)
  const standings = await Promise.all(waiting)
  expect(standings.filter(({ allowed }) => allowed)).toHaveLength(5)
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
  const atTheTurn = one.take('a', exact)
  pass(1)
  expect(await atTheTurn).toEqual({ allowed: true, limit: 5, remaining: 0, resetMs: 0 })
  expect(await one.take('a', exact)).toEqual({ allowed: true, limit: 5, remaining: 4, resetMs: 60_000 })
})

it('uses no point of a lease after the window it was taken for', async () => {
  const { limiter, pass, asked } = startStore()
  const one = limiter()
  await one.take('a', leased)
  pass(60_000)
  expect(await takeAll(one, leased, 100)).toBe(60)
  expect(asked).toHaveLength(7)
})

it('refuses what is spent in the shared window after counting alone while the store was unavailable', async () => {
  const { limiter, setAway } = startStore()
  const [one, other] = [limiter(), limiter()]
  expect(await takeAll(one, exact, 3)).toBe(3)
  setAway(true)
  expect(await takeAll(other, exact, 9)).toBe(5)
  setAway(false)
  expect(await takeAll(one, exact, 9)).toBe(2)
  expect(await takeAll(other, exact, 1)).toBe(0)
})

import { createBreaker, type Breaker, type BreakerState } from './breaker.ts'

/** One service's replicas. */
export interface Upstreams {
  /** Of the service as a whole: a single replica that fails is set aside. */
  readonly breaker: Breaker
  readonly origins: readonly string[]
  /** The next replica in turn; those that lately refused are passed over while another is left. */
  next(): string
  /** Takes a replica out of the turn for a moment; it is tried again by itself. */
  setAside(origin: string): void
}

const ASIDE_MS = 2_000

/** Takes a comma-separated list of base URLs, one for each replica. */
export const createUpstreams = (
  urls: string,
  clock: () => number = Date.now,
  onChange?: (state: BreakerState) => void,
): Upstreams => {
  const origins = urls.split(',').map((url) => new URL(url.trim()).origin)
  const asideUntil = new Map<string, number>()
  let turn = 0

  const next = () => {
    turn = (turn + 1) % origins.length
    return origins[turn]!
  }

  return {
    origins,
    breaker: createBreaker({ clock, ...(onChange && { onChange }) }),
    next: () => {
      const first = next()
      if (asideUntil.size === 0) return first
      const now = clock()
      for (let origin = first, tries = 0; tries < origins.length; origin = next(), tries++) {
        const until = asideUntil.get(origin)
        if (until === undefined) return origin
        if (until <= now) {
          asideUntil.delete(origin)
          return origin
        }
      }
      // All refused: better to ask one again than to refuse without asking.
      return first
    },
    setAside: (origin) => void asideUntil.set(origin, clock() + ASIDE_MS),
  }
}

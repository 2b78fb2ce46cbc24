/** So many requests in a row without an answer open it. */
const FAILURES = 5
const OPEN_MS = 1_000
const LONGEST_OPEN_MS = 10_000

export type BreakerState = 'closed' | 'open' | 'half-open'
export type Outcome = 'answered' | 'failed' | 'unknown'

export interface Breaker {
  readonly state: BreakerState
  /** Zero where a request may go; otherwise milliseconds until it is worth another try. */
  waitMs(): number
  /** Lets a request go and answers what must be told of it, once; later calls are ignored. */
  enter(): (outcome: Outcome) => void
}

/**
 * Spares a service that gives no answers, and its clients the wait. It opens after five failures in a row, for a
 * second and then each time twice as long, up to ten; then one request at a time finds out whether it is back.
 * Any answer closes it, whatever its status: whoever answers is alive.
 */
export const createBreaker = ({
  onChange = () => undefined,
  clock = Date.now,
}: { onChange?: (state: BreakerState) => void; clock?: () => number } = {}): Breaker => {
  let failures = 0
  let openUntil = 0
  let openFor = OPEN_MS
  let probing = false
  let told: BreakerState = 'closed'

  const state = (): BreakerState => {
    if (failures < FAILURES) return 'closed'
    return clock() < openUntil ? 'open' : 'half-open'
  }
  const tell = () => {
    const now = failures < FAILURES ? 'closed' : 'open'
    if (now !== told) onChange((told = now))
  }

  return {
    get state() {
      return state()
    },
    waitMs: () => {
      if (failures < FAILURES) return 0
      const wait = openUntil - clock()
      return wait > 0 ? wait : probing ? OPEN_MS : 0
    },
    enter: () => {
      const probe = failures >= FAILURES
      if (probe) probing = true
      let open = true
      return (outcome) => {
        if (!open) return
        open = false
        if (probe) probing = false
        if (outcome === 'unknown') return
        if (outcome === 'answered') {
          failures = 0
          openFor = OPEN_MS
        } else {
          failures += 1
          // Those that were on their way when it opened prolong nothing.
          if (failures === FAILURES || probe) {
            openUntil = clock() + openFor
            openFor = Math.min(openFor * 2, LONGEST_OPEN_MS)
          }
        }
        tell()
      }
    },
  }
}

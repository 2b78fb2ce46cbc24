const MAX_FAILURES = 5
const OPEN_MS = 1_000
const MAX_OPEN_MS = 10_000

export type BreakerState = 'closed' | 'open' | 'half-open'
export type Outcome = 'answered' | 'failed' | 'unknown'

export interface Breaker {
  readonly state: BreakerState
  /** Zero where a request may be sent; otherwise milliseconds until the next try. */
  waitMs(): number
  /** Begins a request; the returned function reports its outcome, and later calls of it are ignored. */
  enter(): (outcome: Outcome) => void
}

/** Opens after failures in a row, each time twice as long; then one request at a time probes. A response closes it. */
export const createBreaker = ({
  onChange = () => undefined,
  clock = Date.now,
}: { onChange?: (state: BreakerState) => void; clock?: () => number } = {}): Breaker => {
  let failures = 0
  let openUntil = 0
  let openFor = OPEN_MS
  let probing = false
  let reported: BreakerState = 'closed'

  const state = (): BreakerState => {
    if (failures < MAX_FAILURES) return 'closed'
    return clock() < openUntil ? 'open' : 'half-open'
  }
  const report = () => {
    const now = failures < MAX_FAILURES ? 'closed' : 'open'
    if (now !== reported) onChange((reported = now))
  }

  return {
    get state() {
      return state()
    },
    waitMs: () => {
      if (failures < MAX_FAILURES) return 0
      const wait = openUntil - clock()
      return wait > 0 ? wait : probing ? OPEN_MS : 0
    },
    enter: () => {
      const probe = failures >= MAX_FAILURES
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
          // Requests that were under way when it opened do not prolong it.
          if (failures === MAX_FAILURES || probe) {
            openUntil = clock() + openFor
            openFor = Math.min(openFor * 2, MAX_OPEN_MS)
          }
        }
        report()
      }
    },
  }
}

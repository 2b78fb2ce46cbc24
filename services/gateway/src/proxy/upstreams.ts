import { gauge } from '@storewright/runtime/metrics'
import type { Logger } from '@storewright/service-kit/run'
import { createBreaker, type Breaker, type BreakerState } from './breaker.ts'
import type { ServiceName } from './routes.ts'

export interface Upstreams {
  /** Of the service as a whole; a single replica that fails is marked unhealthy. */
  readonly breaker: Breaker
  readonly origins: readonly string[]
  /** The next replica in turn; unhealthy ones are passed over while another is left. */
  next(): string
  markUnhealthy(origin: string): void
}

const UNHEALTHY_MS = 2_000

export const createUpstreams = (
  urls: string,
  clock: () => number = Date.now,
  onChange?: (state: BreakerState) => void,
): Upstreams => {
  const origins = urls.split(',').map((url) => new URL(url.trim()).origin)
  const unhealthyUntil = new Map<string, number>()
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
      if (unhealthyUntil.size === 0) return first
      const now = clock()
      for (let origin = first, tries = 0; tries < origins.length; origin = next(), tries++) {
        const until = unhealthyUntil.get(origin)
        if (until === undefined) return origin
        if (until <= now) {
          unhealthyUntil.delete(origin)
          return origin
        }
      }
      return first
    },
    markUnhealthy: (origin) => void unhealthyUntil.set(origin, clock() + UNHEALTHY_MS),
  }
}

const breakerOpen = gauge(
  'storewright_breaker_open',
  '1 while a service gets no requests because it did not answer',
  ['service'],
)

/** The services that have a URL, with their breakers logged and measured. */
export const createAllUpstreams = (
  urls: Record<ServiceName, string | undefined>,
  logger: Logger,
): ReadonlyMap<ServiceName, Upstreams> => {
  const reportChanges = (service: ServiceName) => {
    breakerOpen.set({ service }, 0)
    return (state: BreakerState) => {
      breakerOpen.set({ service }, state === 'closed' ? 0 : 1)
      if (state === 'closed') logger.info({ service }, 'the service answers again')
      else logger.error({ service }, 'the service does not answer; it gets no requests for a moment')
    }
  }
  const entries = Object.entries(urls) as [ServiceName, string | undefined][]
  return new Map(
    entries.flatMap(([service, url]) =>
      url === undefined ? [] : [[service, createUpstreams(url, Date.now, reportChanges(service))]],
    ),
  )
}

import type { Dispatcher } from 'undici'
import type { ServiceName } from '../proxy/routes.ts'
import type { BreakerState } from '../proxy/breaker.ts'
import type { Upstreams } from '../proxy/upstreams.ts'

const TIMEOUT_MS = 2_000
const CACHE_MS = 1_000

export interface Health {
  status: 'ok' | 'degraded'
  services: Partial<Record<ServiceName, ServiceHealth>>
}

interface ServiceHealth {
  status: 'ready' | 'not-ready'
  replicas: number
  ready: number
  /** Of this gateway: open while it sends the service no requests, since it did not answer. */
  breaker: BreakerState
}

const isReady = async (agent: Dispatcher, origin: string): Promise<boolean> => {
  try {
    const { statusCode, body } = await agent.request({
      origin,
      path: '/ready',
      method: 'GET',
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    })
    await body.dump()
    return statusCode === 200
  } catch {
    return false // whatever the reason
  }
}

/** A service is ready while one of its replicas is. */
export const createHealthCheck = (agent: Dispatcher, services: ReadonlyMap<ServiceName, Upstreams>) => {
  const check = async (): Promise<Health> => {
    const entries = await Promise.all(
      [...services].map(async ([name, { origins, breaker }]) => {
        const answers = await Promise.all(origins.map((origin) => isReady(agent, origin)))
        const ready = answers.filter(Boolean).length
        const status = ready > 0 ? ('ready' as const) : ('not-ready' as const)
        return [name, { status, replicas: origins.length, ready, breaker: breaker.state }] as const
      }),
    )
    const ok = entries.every(([, { status }]) => status === 'ready')
    return { status: ok ? 'ok' : 'degraded', services: Object.fromEntries(entries) }
  }

  let latest: { at: number; health: Promise<Health> } | undefined
  return (): Promise<Health> => {
    if (!latest || performance.now() - latest.at > CACHE_MS) {
      latest = { at: performance.now(), health: check() }
    }
    return latest.health
  }
}

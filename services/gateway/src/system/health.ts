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
  /** What an operator should know of its replicas. */
  warnings?: string[]
}

interface Answer {
  ready: boolean
  warnings: readonly string[]
}

const readReady = async (agent: Dispatcher, origin: string): Promise<Answer> => {
  try {
    const { statusCode, body } = await agent.request({
      origin,
      path: '/ready',
      method: 'GET',
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    })
    const answer = (await body.json().catch(() => null)) as { warnings?: string[] } | null
    return { ready: statusCode === 200, warnings: answer?.warnings ?? [] }
  } catch {
    return { ready: false, warnings: [] } // whatever the reason
  }
}

/** A service is ready while one of its replicas is. */
export const createHealthCheck = (agent: Dispatcher, services: ReadonlyMap<ServiceName, Upstreams>) => {
  const check = async (): Promise<Health> => {
    const entries = await Promise.all(
      [...services].map(async ([name, { origins, breaker }]) => {
        const answers = await Promise.all(origins.map((origin) => readReady(agent, origin)))
        const ready = answers.filter((answer) => answer.ready).length
        const status = ready > 0 ? ('ready' as const) : ('not-ready' as const)
        const warnings = [...new Set(answers.flatMap((answer) => answer.warnings))]
        const health: ServiceHealth = {
          status,
          replicas: origins.length,
          ready,
          breaker: breaker.state,
          ...(warnings.length > 0 && { warnings }),
        }
        return [name, health] as const
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

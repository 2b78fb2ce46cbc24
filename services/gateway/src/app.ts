import cors from '@fastify/cors'
import { createFanoutConsumer, type Broker } from '@storewright/messaging'
import { createInternalClient } from '@storewright/runtime/internal-client'
import { addTokenCheck } from '@storewright/service-kit/auth'
import { createServer } from '@storewright/service-kit/http'
import type { Logger } from '@storewright/service-kit/run'
import { createRevocations, revocationsFrom } from '@storewright/service-kit/auth'
import { Agent } from 'undici'
import type { Config } from './config.ts'
import type { Db } from './database.ts'
import { docsRoutes } from './docs/routes.ts'
import { addDrain } from './front/drain.ts'
import { createHealthCheck } from './front/health.ts'
import { frontRoutes } from './front/routes.ts'
import { createApiKeys } from './identity/api-keys.ts'
import { createIdentify } from './identity/identify.ts'
import { limitRequests } from './limits/limit-requests.ts'
import { createLimiter } from './limits/limiter.ts'
import { createStore } from './limits/store.ts'
import type { BreakerState } from './proxy/breaker.ts'
import { createForwarder, createStreamForwarder } from './proxy/forward.ts'
import { breakerOpen } from './proxy/metrics.ts'
import { proxyRoutes } from './proxy/proxy-routes.ts'
import type { ServiceName } from './proxy/routes.ts'
import { securityHeaders } from './proxy/security-headers.ts'
import { createUpstreams, type Upstreams } from './proxy/upstreams.ts'

const EXPOSED_HEADERS = [
  'content-disposition',
  'etag',
  'idempotency-replayed',
  'location',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'x-request-id',
]
const API_KEY_TIMEOUT_MS = 5_000
const SWEPT_EVERY_MS = 30_000

const upstreamsFrom = (config: Config, logger: Logger): ReadonlyMap<ServiceName, Upstreams> => {
  const urls: [ServiceName, string | undefined][] = [
    ['user', config.USER_URL],
    ['catalog', config.CATALOG_URL],
    ['inventory', config.INVENTORY_URL],
    ['order', config.ORDER_URL],
    ['analytics', config.ANALYTICS_URL],
    ['notification', config.NOTIFICATION_URL],
  ]
  const told = (service: ServiceName) => {
    breakerOpen.set({ service }, 0)
    return (state: BreakerState) => {
      breakerOpen.set({ service }, state === 'closed' ? 0 : 1)
      if (state === 'closed') logger.info({ service }, 'answers again')
      else logger.error({ service }, 'gives no answers, and is not asked for a moment')
    }
  }
  return new Map(
    urls.flatMap(([name, url]) =>
      url === undefined ? [] : [[name, createUpstreams(url, Date.now, told(name))]],
    ),
  )
}

const originsFrom = (setting: string) => {
  if (setting === '*') return '*'
  return setting === 'none' ? false : setting.split(',').map((origin) => origin.trim())
}

const trustedProxies = (setting: string) => {
  if (setting === '') return false
  return /^\d+$/.test(setting) ? (_address: string, hop: number) => hop < Number(setting) : setting
}

/** Wires the gateway. It keeps nothing that another replica would need but what they count together. */
export const buildApp = async ({
  config,
  db,
  broker,
  logger,
}: {
  config: Config
  db: Db
  broker: Broker
  logger: Logger
}) => {
  const revocations = createRevocations({
    read: revocationsFrom({ userUrl: config.USER_URL, internalToken: config.INTERNAL_TOKEN }),
    logger,
  })
  const upstreams = upstreamsFrom(config, logger)
  const users = createInternalClient({
    service: 'user',
    urls: config.USER_URL,
    token: config.INTERNAL_TOKEN,
    timeoutMs: API_KEY_TIMEOUT_MS,
  })
  const apiKeys = createApiKeys({ users })
  const store = createStore({ db, logger })
  const limiter = createLimiter({ store })
  const agent = new Agent({ connections: 8, connect: { timeout: 2_000 } })

  const server = createServer({
    name: 'gateway',
    logger,
    override: ['/metrics', '/openapi.json'],
    successLevel: 'debug', // the services log it under the same id, and a line costs a third of a request here
    ready: {
      drain: () => {
        if (drain.draining) throw new Error('it is about to stop')
      },
      // Away it takes no gateway out of rotation: each then counts for itself.
      rateLimits: () => (store.away ? 'counted per process' : 'shared'),
    },
    trustProxy: trustedProxies(config.TRUSTED_PROXIES),
    requestTimeoutMs: 0, // imports take what they take; other bodies have a deadline of their own
  })
  const checkToken = addTokenCheck(server, {
    jwksUrl: config.JWKS_URL,
    issuer: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    revocations,
  })
  const drain = addDrain(server, { waitMs: config.DRAIN_MS })
  const forwarder = createForwarder({ timeoutMs: config.UPSTREAM_TIMEOUT_MS, drain })
  const streamForwarder = createStreamForwarder({ drain })
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(securityHeaders)
    done()
  })

  await server.register(cors, {
    origin: originsFrom(config.CORS_ORIGINS),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
    strictPreflight: false,
  })
  server.addHook(
    'onRequest',
    limitRequests({
      limiter,
      limits: {
        address: config.RATE_LIMIT_PER_MINUTE,
        account: config.ACCOUNT_RATE_LIMIT_PER_MINUTE ?? config.RATE_LIMIT_PER_MINUTE,
        'api-key': config.API_KEY_RATE_LIMIT_PER_MINUTE ?? config.RATE_LIMIT_PER_MINUTE,
        credentials: config.AUTH_RATE_LIMIT_PER_MINUTE,
      },
      identify: createIdentify({ checkToken, apiKeys }),
    }),
  )

  frontRoutes(server, { health: createHealthCheck(agent, upstreams), internalToken: config.INTERNAL_TOKEN })
  docsRoutes(server)
  proxyRoutes(server, {
    upstreams,
    forwarder,
    streamForwarder,
    uploadTimeoutMs: config.UPLOAD_TIMEOUT_MS,
  })

  const sweep = async () => {
    limiter.sweep()
    await store.sweep()
  }
  const sweeper = setInterval(() => {
    sweep().catch((error: unknown) => logger.warn({ err: error }, 'old rate limits could not be deleted'))
  }, SWEPT_EVERY_MS)
  server.addHook('onReady', () => store.open())
  server.addHook('onClose', async () => {
    clearInterval(sweeper)
    await Promise.all([forwarder.close(), streamForwarder.close(), agent.destroy(), users.close()])
  })

  const broadcasts = createFanoutConsumer({
    broker,
    service: 'gateway',
    subscriptions: [...revocations.subscriptions, ...apiKeys.subscriptions],
    onReconnect: revocations.refresh,
    logger,
  })
  return { server, broadcasts, revocations: revocations.createSync(broadcasts), drain }
}

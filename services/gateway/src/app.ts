import cors from '@fastify/cors'
import rateLimit from '@fastify/rate-limit'
import { createBroadcasts, type Broker } from '@storewright/messaging'
import { createServer, createTokenCheck, Problem, type Logger } from '@storewright/service-kit'
import { createRevocations, revocationsFrom } from '@storewright/service-kit/revocations'
import { Agent } from 'undici'
import type { Config } from './config.ts'
import { createOpenApi } from './docs/openapi.ts'
import { docsRoutes } from './docs/routes.ts'
import { createHealthCheck } from './front/health.ts'
import { frontRoutes } from './front/routes.ts'
import { createForwarder, createStreamForwarder } from './proxy/forward.ts'
import { proxyRoutes } from './proxy/proxy-routes.ts'
import type { ServiceName } from './proxy/routes.ts'
import { securityHeaders } from './proxy/security-headers.ts'
import { createUpstreams, type Upstreams } from './proxy/upstreams.ts'

const EXPOSED_HEADERS = [
  'etag',
  'idempotency-replayed',
  'location',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'x-request-id',
]
/** Asked by whoever supervises this process, often, and from one address. */
const UNLIMITED = new Set(['/live', '/ready'])

const upstreamsFrom = (config: Config): ReadonlyMap<ServiceName, Upstreams> => {
  const urls: [ServiceName, string | undefined][] = [
    ['user', config.USER_URL],
    ['catalog', config.CATALOG_URL],
    ['inventory', config.INVENTORY_URL],
    ['order', config.ORDER_URL],
    ['analytics', config.ANALYTICS_URL],
    ['notification', config.NOTIFICATION_URL],
  ]
  return new Map(urls.flatMap(([name, url]) => (url === undefined ? [] : [[name, createUpstreams(url)]])))
}

const originsFrom = (setting: string) => {
  if (setting === '*') return '*'
  return setting === 'none' ? false : setting.split(',').map((origin) => origin.trim())
}

const tooMany = (_request: unknown, { ttl }: { ttl: number }) =>
  new Problem('too-many-requests', 'Slow down.', { retryAfter: Math.ceil(ttl / 1_000) })

/** Wires the gateway. It keeps nothing that another replica would need. */
export const buildApp = async ({
  config,
  broker,
  logger,
}: {
  config: Config
  broker: Broker
  logger: Logger
}) => {
  const revocations = createRevocations({
    read: revocationsFrom({ userUrl: config.USER_URL, internalToken: config.INTERNAL_TOKEN }),
    logger,
  })
  const upstreams = upstreamsFrom(config)
  const agent = new Agent({ connections: 8, connect: { timeout: 2_000 } })
  const forwarder = createForwarder({ timeoutMs: config.UPSTREAM_TIMEOUT_MS })
  const streamForwarder = createStreamForwarder()

  const server = createServer({
    name: 'gateway',
    logger,
    own: ['/metrics', '/openapi.json'],
    successLevel: 'debug', // the services log it under the same id, and a line costs a third of a request here
    requestTimeoutMs: 0, // imports take what they take; other bodies have a deadline of their own
  })
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
  await server.register(rateLimit, {
    global: false,
    enableDraftSpec: true,
    timeWindow: 60_000,
    errorResponseBuilder: tooMany,
  })
  const limit = server.rateLimit({ max: config.RATE_LIMIT_PER_MINUTE })
  const limitCredentials = server.rateLimit({ max: config.AUTH_RATE_LIMIT_PER_MINUTE })
  server.addHook('onRequest', async function (request, reply) {
    const { url, config: route } = request.routeOptions
    if (url !== undefined && UNLIMITED.has(url)) return
    await (route.credentials ? limitCredentials : limit).call(this, request, reply)
  })

  frontRoutes(server, { health: createHealthCheck(agent, upstreams), internalToken: config.INTERNAL_TOKEN })
  docsRoutes(server, {
    openApi: createOpenApi({ agent, services: upstreams, cacheMs: config.OPENAPI_CACHE_MS, logger }),
  })
  proxyRoutes(server, {
    upstreams,
    checkToken: createTokenCheck({
      jwksUrl: config.JWKS_URL,
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      revocations,
    }),
    forwarder,
    streamForwarder,
    uploadTimeoutMs: config.UPLOAD_TIMEOUT_MS,
  })

  server.addHook('onClose', async () => {
    await Promise.all([forwarder.close(), streamForwarder.close(), agent.destroy()])
  })

  const broadcasts = createBroadcasts({
    broker,
    service: 'gateway',
    subscriptions: revocations.subscriptions,
    onReconnect: revocations.reread,
    logger,
  })
  return { server, broadcasts, revocations: revocations.keepUp(broadcasts) }
}

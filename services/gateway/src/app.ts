import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import cors from '@fastify/cors'
import proxyAddr from '@fastify/proxy-addr'
import {
  type EventContract,
  PriceChanged,
  ProductChanged,
  StockAdjusted,
  StockStatusChanged,
} from '@storewright/contracts'
import { createFanoutConsumer, onSubject } from '@storewright/messaging'
import { createInternalClient } from '@storewright/runtime/internal-client'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import { addTokenCheck, createRevocations, revocationsFrom } from '@storewright/service-kit/auth'
import { createServer, type Server } from '@storewright/service-kit/http'
import type { Service, ServiceResources } from '@storewright/service-kit/run'
import { Agent } from 'undici'
import { createMemoryAnswers } from './cache/answer-from-memory.ts'
import { createCache } from './cache/cache.ts'
import { createPublicReads } from './cache/public-reads.ts'
import type { Config } from './config.ts'
import { createCors } from './cors.ts'
import type { Database } from './database.ts'
import { docsRoutes } from './docs/routes.ts'
import { createApiKeys, createIdentify } from './identity/api-keys.ts'
import { createLimits, limitRequests } from './limits/limit-requests.ts'
import { createLimiter } from './limits/limiter.ts'
import { createStore } from './limits/store.ts'
import { addDrain } from './proxy/drain.ts'
import { createForwarder, createStreamForwarder } from './proxy/forward.ts'
import { proxyRoutes } from './proxy/proxy-routes.ts'
import { securityHeaders } from './proxy/security-headers.ts'
import { createAllUpstreams } from './proxy/upstreams.ts'
import { createHealthCheck } from './system/health.ts'
import { systemRoutes } from './system/routes.ts'

const API_KEY_TIMEOUT_MS = 5_000
const SWEEP_EVERY_MS = 30_000

const trustedProxies = (setting: string) => {
  if (setting === '') return undefined
  return /^\d+$/.test(setting)
    ? (_address: string, hop: number) => hop < Number(setting)
    : proxyAddr.compile(setting.split(',').map((address) => address.trim()))
}

/** What is kept about the subject of one of these is out of date. */
const DROPPING: readonly EventContract[] = [ProductChanged, PriceChanged, StockAdjusted, StockStatusChanged]

/** Asks before fastify does, whose routing and hooks cost most of an answer from memory. */
const answerBefore = (
  { server }: Server,
  answer: (request: IncomingMessage, response: ServerResponse, next: () => void) => void,
) => {
  const handlers = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request').on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response, () => {
      for (const handle of handlers) handle(request, response)
    })
  })
}

/** Wires the gateway, which keeps no state but caches and the counts that its replicas share. */
export const buildApp = async ({ name, config, db, broker, logger }: ServiceResources<Database, Config>) => {
  const revocations = createRevocations({
    read: revocationsFrom({ userUrl: config.USER_URL, internalToken: config.INTERNAL_TOKEN }),
    logger,
  })
  const upstreams = createAllUpstreams(
    {
      user: config.USER_URL,
      catalog: config.CATALOG_URL,
      inventory: config.INVENTORY_URL,
      order: config.ORDER_URL,
      analytics: config.ANALYTICS_URL,
      notification: config.NOTIFICATION_URL,
    },
    logger,
  )
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

  const trusted = trustedProxies(config.TRUSTED_PROXIES)
  const server = createServer({
    name,
    logger,
    override: ['/metrics', '/openapi.json'],
    successLevel: 'debug', // the services log it under the same id, and a line costs a third of a request here
    ready: {
      drain: () => {
        if (drain.draining) throw new Error('the gateway is stopping')
      },
      // Unavailable it takes no gateway out of rotation: each then counts alone.
      rateLimits: () => (store.available ? 'shared' : 'counted per process'),
    },
    trustProxy: trusted ?? false,
    requestTimeoutMs: 0, // imports have no deadline, and other bodies one of their own
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

  const corsPolicy = createCors(config.CORS_ORIGINS)
  await server.register(cors, corsPolicy.options)
  const limits = createLimits({
    address: config.RATE_LIMIT_PER_MINUTE,
    account: config.ACCOUNT_RATE_LIMIT_PER_MINUTE ?? config.RATE_LIMIT_PER_MINUTE,
    'api-key': config.API_KEY_RATE_LIMIT_PER_MINUTE ?? config.RATE_LIMIT_PER_MINUTE,
    credentials: config.AUTH_RATE_LIMIT_PER_MINUTE,
    webhooks: config.WEBHOOK_RATE_LIMIT_PER_MINUTE,
  })
  const identify = createIdentify({ checkToken, apiKeys })
  server.addHook('onRequest', limitRequests({ limiter, limits, identify }))

  const cache = config.CACHE_BYTES === 0 ? undefined : createCache({ maxBytes: config.CACHE_BYTES })
  if (cache) {
    const answer = createMemoryAnswers({
      cache,
      limiter,
      limits,
      checkToken,
      ipOf: trusted && ((request) => proxyAddr.all(request, trusted).at(-1) ?? ''),
      cors: corsPolicy,
      drain,
      logger,
    })
    answerBefore(server, answer)
  }

  systemRoutes(server, { health: createHealthCheck(agent, upstreams), internalToken: config.INTERNAL_TOKEN })
  docsRoutes(server)
  proxyRoutes(server, {
    upstreams,
    forwarder,
    streamForwarder,
    answerRead: cache && createPublicReads({ cache, drain }),
    uploadTimeoutMs: config.UPLOAD_TIMEOUT_MS,
  })

  server.addHook('onClose', async () => {
    cache?.close()
    await Promise.all([forwarder.close(), streamForwarder.close(), agent.destroy(), users.close()])
  })

  const sweeper = createPeriodicJob({
    name: 'rate-limits',
    intervalMs: SWEEP_EVERY_MS,
    run: () => {
      limiter.sweep()
      cache?.sweep()
      return store.sweep()
    },
    logger,
  })
  const rateLimits = {
    name: sweeper.name,
    start: async () => {
      await store.open()
      sweeper.start()
    },
    stop: sweeper.stop,
  }
  const broadcasts = createFanoutConsumer({
    broker,
    service: name,
    subscriptions: [
      ...revocations.subscriptions,
      ...apiKeys.subscriptions,
      ...(cache ? DROPPING.map((event) => onSubject(event, cache.drop)) : []),
    ],
    onReconnect: () => {
      cache?.clear()
      return revocations.refresh()
    },
    logger,
  })
  return {
    server,
    stopServer: drain.stop,
    workers: [rateLimits],
    broadcasts,
    revocations: revocations.createSync(broadcasts),
  } satisfies Service
}

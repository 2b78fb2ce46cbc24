import { purgeIdempotencyKeys } from '@storewright/database'
import { createBroadcasts, createConsumer, createRelay, type Broker } from '@storewright/messaging'
import { createServer, type Logger } from '@storewright/service-kit'
import { createRevocations, revocationsFrom } from '@storewright/service-kit/revocations'
import { categoryRoutes } from './categories/routes.ts'
import type { Config } from './config.ts'
import type { Db } from './database.ts'
import { exportRoutes, importRoutes } from './imports/routes.ts'
import { applyDuePrices } from './products/apply-due-prices.ts'
import { orderSubscriptions, stockSubscriptions } from './products/consumers.ts'
import { editRoutes } from './products/edit-routes.ts'
import { internalRoutes } from './products/internal-routes.ts'
import { updatePopularity } from './products/popularity.ts'
import { priceRoutes } from './products/price-routes.ts'
import { readRoutes } from './products/read-routes.ts'
import { variantRoutes } from './products/variant-routes.ts'
import { pingDatabase } from './queries.ts'
import { createWorker } from './worker.ts'

interface Parts {
  db: Db
  broker: Broker
  config: Config
  logger: Logger
  /** How slow the process may become before it refuses work; 0 never refuses. */
  maxEventLoopDelayMs?: number
}

const PURGE_INTERVAL_MS = 60_000

/** Wires the service; what it returns is started and stopped by the caller. */
export const buildApp = ({ db, broker, config, logger, maxEventLoopDelayMs = 3_000 }: Parts) => {
  const revocations = createRevocations({
    read: revocationsFrom({ userUrl: config.USER_URL, internalToken: config.INTERNAL_TOKEN }),
    logger,
  })
  const server = createServer({
    name: 'catalog',
    logger,
    auth: {
      jwksUrl: config.JWKS_URL,
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      revocations,
    },
    ready: {
      database: () => pingDatabase(db),
      // A broker that is away later takes no service out of rotation; it is only told.
      topology: () => {
        if (!broker.topologyDeclared) throw new Error('the topology was not declared yet')
      },
      broker: () => (broker.connected ? 'connected' : 'away'),
    },
    // An import is one request, and arrives as fast as it is worked through.
    requestTimeoutMs: 3_600_000,
    maxEventLoopDelayMs,
  })
  const deps = { db, internalToken: config.INTERNAL_TOKEN }
  for (const routes of [
    categoryRoutes,
    readRoutes,
    editRoutes,
    variantRoutes,
    priceRoutes,
    exportRoutes,
    internalRoutes,
  ])
    routes(server, deps)
  void server.register((scope, _options, done) => {
    importRoutes(scope, deps)
    done()
  })

  const worker = (name: string, intervalMs: number, work: () => Promise<boolean>) =>
    createWorker({ name, intervalMs, work, logger })
  const broadcasts = createBroadcasts({
    broker,
    service: 'catalog',
    subscriptions: revocations.subscriptions,
    onReconnect: revocations.reread,
    logger,
  })

  return {
    server,
    broadcasts,
    revocations: revocations.keepUp(broadcasts),
    relay: createRelay({ db, broker, service: 'catalog', logger }),
    consumers: [
      createConsumer({
        db,
        broker,
        group: 'catalog.inventory-events',
        subscriptions: stockSubscriptions,
        logger,
      }),
      createConsumer({
        db,
        broker,
        group: 'catalog.order-events',
        subscriptions: orderSubscriptions,
        logger,
      }),
    ],
    workers: [
      worker('price-schedule', config.PRICE_SCHEDULE_INTERVAL_MS, async () => (await applyDuePrices(db)) > 0),
      worker('popularity', config.POPULARITY_INTERVAL_MS, () => updatePopularity(db)),
      worker('purge', PURGE_INTERVAL_MS, async () => (await purgeIdempotencyKeys(db)) > 0),
    ],
  }
}

import { OrderConfirmed, StockStatusChanged } from '@storewright/contracts'
import { ping, purgeIdempotencyKeys } from '@storewright/database'
import {
  createFanoutConsumer,
  createConsumer,
  createRelay,
  onBatch,
  type Broker,
} from '@storewright/messaging'
import { createServer } from '@storewright/service-kit/http'
import type { Logger } from '@storewright/service-kit/run'
import { createRevocations, revocationsFrom } from '@storewright/service-kit/auth'
import { categoryRoutes } from './categories/routes.ts'
import type { Config } from './config.ts'
import type { Db, Trx } from './database.ts'
import { exportRoutes, importRoutes } from './imports/routes.ts'
import { listingRoutes } from './listings/routes.ts'
import { countSales, updatePopularity } from './popularity/update-popularity.ts'
import { priceHistoryRoutes } from './price-history/routes.ts'
import { applyDuePrices } from './prices/apply-due-prices.ts'
import { priceRoutes } from './prices/routes.ts'
import { applyStockStatus } from './products/apply-stock-status.ts'
import { productRoutes } from './products/routes.ts'
import { variantRoutes } from './variants/routes.ts'
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

/** Wires the service; the caller starts and stops what it returns. */
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
      database: () => ping(db),
      // A broker that is unavailable later takes no service out of rotation; its state is only reported.
      topology: () => {
        if (!broker.topologyDeclared) throw new Error('the topology was not declared yet')
      },
      broker: () => (broker.connected ? 'connected' : 'away'),
    },
    // An import is one request and arrives as fast as it is processed.
    requestTimeoutMs: 3_600_000,
    maxEventLoopDelayMs,
  })
  const deps = { db, internalToken: config.INTERNAL_TOKEN }
  for (const routes of [
    categoryRoutes,
    listingRoutes,
    productRoutes,
    variantRoutes,
    priceRoutes,
    priceHistoryRoutes,
    exportRoutes,
  ])
    routes(server, deps)
  void server.register((scope, _options, done) => {
    importRoutes(scope, deps)
    done()
  })

  const worker = (name: string, intervalMs: number, work: () => Promise<boolean>) =>
    createWorker({ name, intervalMs, work, logger })
  const broadcasts = createFanoutConsumer({
    broker,
    service: 'catalog',
    subscriptions: revocations.subscriptions,
    onReconnect: revocations.refresh,
    logger,
  })

  return {
    server,
    broadcasts,
    revocations: revocations.createSync(broadcasts),
    relay: createRelay({ db, broker, service: 'catalog', logger }),
    consumers: [
      createConsumer({
        db,
        broker,
        group: 'catalog.inventory-events',
        subscriptions: [onBatch(StockStatusChanged, (trx: Trx, events) => applyStockStatus(trx, events))],
        logger,
      }),
      createConsumer({
        db,
        broker,
        group: 'catalog.order-events',
        subscriptions: [onBatch(OrderConfirmed, (trx: Trx, events) => countSales(trx, events))],
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

import type { Db } from '@storewright/database'
import { createFanoutConsumer, createConsumer, createRelay, type Broker } from '@storewright/messaging'
import { createServer } from '@storewright/service-kit/http'
import type { Logger } from '@storewright/service-kit/run'
import { createRevocations, revocationsFrom } from '@storewright/service-kit/auth'
import { createCatalogClient } from './catalog-client.ts'
import type { Config } from './config.ts'
import { catalogSubscriptions, orderSubscriptions } from './consumers.ts'
import type { Database } from './database.ts'
import type { Deps } from './deps.ts'
import { locationRoutes } from './locations/routes.ts'
import { pingDatabase } from './queries.ts'
import { reservationRoutes } from './reservations/routes.ts'
import type { Settings } from './deps.ts'
import { adjustmentRoutes } from './stock/adjustment-routes.ts'
import { importRoutes } from './stock/import-routes.ts'
import { movementRoutes } from './stock/movement-routes.ts'
import { stockRoutes } from './stock/routes.ts'
import { createExpiryJob } from './reservations/expire-reservations.ts'

interface Parts {
  db: Db<Database>
  broker: Broker
  config: Config
  logger: Logger
  clock?: () => Date
}

/** Wires the service; the caller starts and stops the returned components. */
export const buildApp = ({ db, broker, config, logger, clock = () => new Date() }: Parts) => {
  const settings: Settings = {
    lowStockThreshold: config.LOW_STOCK_THRESHOLD,
    reservationTtlMs: config.RESERVATION_TTL_SECONDS * 1_000,
    clock,
  }
  const catalog = createCatalogClient({
    url: config.CATALOG_URL,
    internalToken: config.INTERNAL_TOKEN,
    onFailure: (error) => logger.warn({ err: error }, 'the catalog did not answer about SKUs'),
  })
  const deps: Deps = { db, catalog, settings, internalToken: config.INTERNAL_TOKEN }

  const revocations = createRevocations({
    read: revocationsFrom({ userUrl: config.USER_URL, internalToken: config.INTERNAL_TOKEN }),
    logger,
  })
  const server = createServer({
    name: 'inventory',
    logger,
    auth: {
      jwksUrl: config.JWKS_URL,
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      revocations,
    },
    ready: {
      database: () => pingDatabase(db),
      // A broker that is away later takes no service out of rotation; only its state is reported.
      topology: () => {
        if (!broker.topologyDeclared) throw new Error('the topology was not declared yet')
      },
      broker: () => (broker.connected ? 'connected' : 'away'),
    },
    // The stocktake of a large warehouse takes minutes.
    requestTimeoutMs: 600_000,
  })
  for (const routes of [stockRoutes, adjustmentRoutes, movementRoutes, locationRoutes, reservationRoutes]) {
    routes(server, deps)
  }
  void server.register((scope, _options, done) => {
    importRoutes(scope, deps)
    done()
  })

  const broadcasts = createFanoutConsumer({
    broker,
    service: 'inventory',
    subscriptions: revocations.subscriptions,
    onReconnect: revocations.refresh,
    logger,
  })

  return {
    server,
    broadcasts,
    revocations: revocations.createSync(broadcasts),
    relay: createRelay({ db, broker, service: 'inventory', logger }),
    consumers: [
      createConsumer({
        db,
        broker,
        group: 'inventory.order-events',
        subscriptions: orderSubscriptions(settings),
        logger,
      }),
      createConsumer({
        db,
        broker,
        group: 'inventory.catalog-events',
        subscriptions: catalogSubscriptions,
        logger,
      }),
    ],
    workers: [createExpiryJob({ db, settings, intervalMs: config.SWEEP_INTERVAL_MS, logger })],
    settings,
  }
}

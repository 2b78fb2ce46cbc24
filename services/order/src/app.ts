import { createBroadcasts, createConsumer, createRelay, type Broker } from '@storewright/messaging'
import { createServer, type Logger } from '@storewright/service-kit'
import { createRevocations, revocationsFrom } from '@storewright/service-kit/revocations'
import { cartItemRoutes } from './carts/item-routes.ts'
import { cartRoutes } from './carts/routes.ts'
import { createStockReader } from './carts/stock-reader.ts'
import { checkoutRoutes } from './checkout/routes.ts'
import type { Config } from './config.ts'
import type { Db } from './database.ts'
import type { Deps } from './deps.ts'
import { offerSubscriptions, stockStatusSubscriptions } from './offers/consumers.ts'
import { orderRoutes } from './orders/routes.ts'
import { createManualProvider } from './payments/manual.ts'
import { createPaymentWorker } from './payments/payment-worker.ts'
import { providersByName, type PaymentProvider } from './payments/provider.ts'
import { paymentRoutes } from './payments/routes.ts'
import { createSandbox } from './payments/sandbox/sandbox.ts'
import { userSubscriptions } from './personal-data/consumers.ts'
import { personalDataRoutes } from './personal-data/routes.ts'
import { pingDatabase } from './queries.ts'
import { settledBroadcasts } from './saga/broadcasts.ts'
import { sagaSubscriptions } from './saga/consumers.ts'
import { cancellationRoutes } from './saga/routes.ts'
import { createSweeper } from './saga/sweeper.ts'
import { shipmentRoutes } from './shipments/routes.ts'
import { shippingRoutes } from './shipping/routes.ts'
import { createSignals } from './signals.ts'
import { timelineRoutes } from './timeline/routes.ts'

interface Parts {
  db: Db
  broker: Broker
  config: Config
  logger: Logger
  clock?: () => Date
  /** In the place of the shop's own. */
  providers?: readonly PaymentProvider[]
}

const routes = [
  cartRoutes,
  cartItemRoutes,
  shippingRoutes,
  checkoutRoutes,
  orderRoutes,
  timelineRoutes,
  cancellationRoutes,
  paymentRoutes,
  shipmentRoutes,
]

/** Wires the service; what it returns is started and stopped by the caller. */
export const buildApp = ({ db, broker, config, logger, clock = () => new Date(), ...parts }: Parts) => {
  const signals = createSignals()
  const providers = providersByName(parts.providers ?? [createSandbox(db), createManualProvider()])
  const stock = createStockReader({
    url: config.INVENTORY_URL,
    token: config.INTERNAL_TOKEN,
    timeoutMs: config.INVENTORY_TIMEOUT_MS,
    onFailure: (error) => logger.warn({ err: error }, 'inventory could not be asked for the stock'),
  })
  const holdTtlMs = config.HOLD_TTL_SECONDS * 1_000
  const deps: Deps = {
    db,
    readStock: stock.read,
    providers,
    signals,
    settings: {
      pendingTtlMs: config.PENDING_TTL_SECONDS * 1_000,
      orderTokenSecret: config.ORDER_TOKEN_SECRET,
      defaultCurrency: config.DEFAULT_CURRENCY,
      clock,
    },
  }

  const revocations = createRevocations({
    read: revocationsFrom({ userUrl: config.USER_URL, internalToken: config.INTERNAL_TOKEN }),
    logger,
  })
  const server = createServer({
    name: 'order',
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
  })
  for (const add of routes) add(server, deps)
  personalDataRoutes(server, { db, internalToken: config.INTERNAL_TOKEN })
  server.addHook('onClose', () => stock.close())

  const broadcasts = createBroadcasts({
    broker,
    service: 'order',
    subscriptions: [...settledBroadcasts(signals), ...revocations.subscriptions],
    onReconnect: revocations.reread,
    logger,
  })

  return {
    server,
    relay: createRelay({ db, broker, service: 'order', logger }),
    consumers: [
      createConsumer({
        db,
        broker,
        group: 'order.inventory-events',
        subscriptions: [...sagaSubscriptions({ holdTtlMs, signals, clock }), ...stockStatusSubscriptions],
        logger,
      }),
      createConsumer({
        db,
        broker,
        group: 'order.catalog-events',
        subscriptions: offerSubscriptions,
        logger,
      }),
      createConsumer({
        db,
        broker,
        group: 'order.user-events',
        subscriptions: userSubscriptions({ clock }),
        logger,
      }),
    ],
    broadcasts,
    revocations: revocations.keepUp(broadcasts),
    workers: [
      createPaymentWorker({
        db,
        providers,
        signals,
        settings: {
          leaseMs: config.PAYMENT_LEASE_MS,
          pollMs: config.PAYMENT_POLL_MS,
          concurrency: config.PAYMENT_CONCURRENCY,
        },
        clock,
        logger,
      }),
      createSweeper({ db, signals, clock, intervalMs: config.ORDER_SWEEP_INTERVAL_MS, logger }),
    ],
  }
}

import { createFanoutConsumer, createConsumer, createRelay, type Broker } from '@storewright/messaging'
import { createServer } from '@storewright/service-kit/http'
import type { Logger } from '@storewright/service-kit/run'
import { createRevocations, revocationsFrom } from '@storewright/service-kit/auth'
import { createInventoryClient } from './carts/inventory-client.ts'
import { cartItemRoutes } from './carts/item-routes.ts'
import { cartRoutes } from './carts/routes.ts'
import { checkoutRoutes } from './checkout/routes.ts'
import type { Config } from './config.ts'
import { consumedGroups, orderBroadcasts } from './consumers.ts'
import type { Db } from './database.ts'
import type { Deps } from './deps.ts'
import { createOrderNotifier } from './order-notifier.ts'
import { createExpirySweeper } from './orders/expire-orders.ts'
import { orderRoutes } from './orders/routes.ts'
import type { StepContext } from './orders/transition.ts'
import { createPaymentWorker } from './payments/payment-worker.ts'
import { createManualProvider, providersByName, type PaymentProvider } from './payments/provider.ts'
import { paymentRoutes } from './payments/routes.ts'
import { createSandbox } from './payments/sandbox.ts'
import { paymentStarter } from './payments/start-payments.ts'
import { personalDataRoutes } from './personal-data/routes.ts'
import { pingDatabase } from './queries.ts'
import { settleCapture } from './shipments/finish-shipment.ts'
import { shipmentRoutes } from './shipments/routes.ts'
import { shippingRoutes } from './shipping/routes.ts'

interface Parts {
  db: Db
  broker: Broker
  config: Config
  logger: Logger
  clock?: () => Date
  /** Instead of the shop's own. */
  providers?: readonly PaymentProvider[]
}

const routes = [
  cartRoutes,
  cartItemRoutes,
  shippingRoutes,
  checkoutRoutes,
  orderRoutes,
  paymentRoutes,
  shipmentRoutes,
]

/** Wires the service; what it returns is started and stopped by the caller. */
export const buildApp = ({ db, broker, config, logger, clock = () => new Date(), ...parts }: Parts) => {
  const notifier = createOrderNotifier()
  const providers = providersByName(parts.providers ?? [createSandbox(db), createManualProvider()])
  const inventory = createInventoryClient({
    url: config.INVENTORY_URL,
    token: config.INTERNAL_TOKEN,
    timeoutMs: config.INVENTORY_TIMEOUT_MS,
    onFailure: (error) => logger.warn({ err: error }, 'stock could not be read from inventory'),
  })
  const holdTtlMs = config.HOLD_TTL_SECONDS * 1_000
  const stepContext = (): StepContext => ({ now: clock(), notifier, payments: paymentStarter })
  const deps: Deps = {
    db,
    readStock: inventory.read,
    providers,
    notifier,
    stepContext,
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
    // A cart's id, and a guest's token behind `?token=`, open these without further credentials.
    privatePaths: ['/v1/carts/', '/v1/orders/'],
    securitySchemes: { orderToken: { type: 'apiKey', in: 'header', name: 'x-order-token' } },
    auth: {
      jwksUrl: config.JWKS_URL,
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      revocations,
    },
    ready: {
      database: () => pingDatabase(db),
      // A broker that is away later takes no service out of rotation; it is only reported.
      topology: () => {
        if (!broker.topologyDeclared) throw new Error('the topology was not declared yet')
      },
      broker: () => (broker.connected ? 'connected' : 'away'),
    },
  })
  for (const add of routes) add(server, deps)
  personalDataRoutes(server, { db, internalToken: config.INTERNAL_TOKEN })
  server.addHook('onClose', () => inventory.close())

  const broadcasts = createFanoutConsumer({
    broker,
    service: 'order',
    subscriptions: [...orderBroadcasts(notifier), ...revocations.subscriptions],
    onReconnect: revocations.refresh,
    logger,
  })

  return {
    server,
    relay: createRelay({ db, broker, service: 'order', logger }),
    consumers: consumedGroups(stepContext, holdTtlMs).map((consumed) =>
      createConsumer({ db, broker, logger, ...consumed }),
    ),
    broadcasts,
    revocations: revocations.createSync(broadcasts),
    workers: [
      createPaymentWorker({
        db,
        providers,
        notifier,
        settings: {
          leaseMs: config.PAYMENT_LEASE_MS,
          pollMs: config.PAYMENT_POLL_MS,
          concurrency: config.PAYMENT_CONCURRENCY,
        },
        clock,
        stepContext,
        settleCapture,
        logger,
      }),
      createExpirySweeper({ db, stepContext, intervalMs: config.ORDER_SWEEP_INTERVAL_MS, logger }),
    ],
  }
}

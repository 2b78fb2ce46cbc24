import { paymentProviders } from '@storewright/contracts'
import { revocationsFrom } from '@storewright/service-kit/auth'
import { composeService, type ServiceResources } from '@storewright/service-kit/run'
import { createCartJob } from './carts/cart-jobs.ts'
import { createCartReader, createCartWriter } from './carts/cart-reader.ts'
import { createInventoryClient } from './carts/inventory-client.ts'
import { createGuestCarts } from './carts/change-cart.ts'
import { cartChoiceRoutes } from './carts/choice-routes.ts'
import { cartItemRoutes } from './carts/item-routes.ts'
import { cartRoutes } from './carts/routes.ts'
import { checkoutRoutes } from './checkout/routes.ts'
import type { Config } from './config.ts'
import { orderBroadcasts, subscriptions } from './consumers.ts'
import type { Database } from './database.ts'
import type { Deps } from './deps.ts'
import { createOfferReader } from './offers/offer-reader.ts'
import { createOrderNotifier } from './order-notifier.ts'
import { createExpiryJob } from './orders/expire-orders.ts'
import { orderRoutes } from './orders/routes.ts'
import type { StepContext } from './orders/transition.ts'
import { createAttemptQueue } from './payments/attempt-queue.ts'
import { createDeclineLimit } from './payments/decline-limit.ts'
import { createPaymentWorkers } from './payments/payment-worker.ts'
import { providersByName, type PaymentProvider } from './payments/provider.ts'
import { createNoticePurge } from './payments/apply-notice.ts'
import { stuckPaymentRoutes, webhookRoutes } from './payments/notice-routes.ts'
import { sandboxRoutes } from './payments/sandbox-routes.ts'
import { paymentRoutes } from './payments/routes.ts'
import { createProviders } from './payments/providers.ts'
import { createPaymentStarter } from './payments/start-payments.ts'
import { personalDataRoutes } from './personal-data/routes.ts'
import { customerKeyOf, readExhausted } from './promotions/redemptions.ts'
import { createRates } from './rates/rates.ts'
import { taxRoutes } from './rates/tax-routes.ts'
import { zoneRoutes } from './rates/zone-routes.ts'
import { settleCapture } from './shipments/finish-shipment.ts'
import { shipmentRoutes } from './shipments/routes.ts'
import { shippingRoutes } from './shipping/routes.ts'

type Parts = ServiceResources<Database, Config> & {
  clock?: () => Date
  /** Instead of the shop's own. */
  providers?: readonly PaymentProvider[]
}

const routes = [
  cartRoutes,
  cartItemRoutes,
  cartChoiceRoutes,
  shippingRoutes,
  zoneRoutes,
  taxRoutes,
  checkoutRoutes,
  orderRoutes,
  paymentRoutes,
  stuckPaymentRoutes,
  shipmentRoutes,
  personalDataRoutes,
]

/** Each in a scope of its own, since they read bodies as they are. */
const rawRoutes = [webhookRoutes, sandboxRoutes]

/** Wires the service; what it returns is started and stopped by the caller. */
export const buildApp = ({ clock = () => new Date(), ...parts }: Parts) => {
  const { db, config, logger } = parts
  const notifier = createOrderNotifier()
  const providers = parts.providers ? providersByName(parts.providers) : createProviders(db, config)
  const inventory = createInventoryClient({
    urls: config.INVENTORY_URL,
    token: config.INTERNAL_TOKEN,
    timeoutMs: config.INVENTORY_TIMEOUT_MS,
    onFailure: (error) => logger.warn({ err: error }, 'stock could not be read from inventory'),
  })
  const offers = createOfferReader(db)
  const rates = createRates(db, { currency: config.DEFAULT_CURRENCY, clock })
  const queue = createAttemptQueue(config.PAYMENT_LEASE_MS)
  const payments = createPaymentStarter(queue)
  const declineLimit = createDeclineLimit({ perAddress: config.PAYMENT_DECLINES_PER_ADDRESS, clock })
  const stepContext = (): StepContext => ({
    now: clock(),
    notifier,
    payments,
    cartTtlDays: config.CART_TTL_DAYS,
  })
  const cartTimes = {
    ttlDays: config.CART_TTL_DAYS,
    abandonedAfterMinutes: config.CART_ABANDONED_AFTER_MINUTES,
  }
  const deps: Deps = {
    db,
    carts: {
      db,
      readCart: createCartReader(db),
      openGuestCart: createGuestCarts(db),
      writeCart: createCartWriter(db, cartTimes),
      readOffers: offers.read,
      rates,
      readExhausted: (promotions, userId) =>
        readExhausted(db, promotions, userId === null ? null : customerKeyOf({ userId, email: null })),
      times: cartTimes,
    },
    readStock: inventory.read,
    providers,
    queue,
    declineLimit,
    notifier,
    stepContext,
    rates,
    settings: {
      pendingTtlMs: config.PENDING_TTL_SECONDS * 1_000,
      orderTokenSecret: config.ORDER_TOKEN_SECRET,
      defaultCurrency: config.DEFAULT_CURRENCY,
      paymentTriesPerOrder: config.PAYMENT_TRIES_PER_ORDER,
      internalToken: config.INTERNAL_TOKEN,
      clock,
    },
  }

  return composeService({
    ...parts,
    registerRoutes: (server) => {
      for (const register of routes) register(server, deps)
      for (const register of rawRoutes) {
        void server.register((scope, _options, done) => {
          register(scope, deps)
          done()
        })
      }
      server.addHook('onClose', () => inventory.close())
    },
    server: {
      trustProxy: config.TRUSTED_GATEWAYS,
      // A cart's id, or a guest's token as `?token=`, opens these without further credentials.
      privatePaths: ['/v1/carts/', '/v1/orders/'],
      warnings:
        config.NODE_ENV === 'production' && providers.has('sandbox')
          ? [
              'the payment provider sandbox is on: with tok_ok anybody gets a confirmed order and pays nothing',
            ]
          : [],
      securitySchemes: { orderToken: { type: 'apiKey', in: 'header', name: 'x-order-token' } },
    },
    readRevocations: revocationsFrom({ userUrl: config.USER_URL, internalToken: config.INTERNAL_TOKEN }),
    subscriptions: subscriptions(stepContext, config.HOLD_TTL_SECONDS * 1_000, offers),
    lingerMs: { 'order.inventory-events': 8 },
    broadcasts: orderBroadcasts(notifier, declineLimit),
    workers: [
      ...createPaymentWorkers({
        // Those that are switched off too: what they were asked before must end.
        names: [...paymentProviders.map(({ name }) => name), ...providers.keys()],
        queue,
        db,
        providers,
        settings: {
          leaseMs: config.PAYMENT_LEASE_MS,
          pollMs: config.PAYMENT_POLL_MS,
          concurrency: config.PAYMENT_CONCURRENCY,
        },
        stepContext,
        settleCapture,
        logger,
      }),
      createCartJob({
        db,
        abandonedAfterMinutes: config.CART_ABANDONED_AFTER_MINUTES,
        intervalMs: config.CART_JOB_INTERVAL_MS,
        clock,
        logger,
      }),
      createNoticePurge({ db, clock, logger }),
      createExpiryJob({ db, stepContext, intervalMs: config.ORDER_SWEEP_INTERVAL_MS, logger }),
    ],
  })
}

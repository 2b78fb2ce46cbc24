import {
  dataSettings,
  defaultCurrency,
  internalToken,
  paymentSettings,
  processSettings,
  serviceUrl,
} from '@storewright/service-kit/run'
import { Type, type Static } from 'typebox'

export const Config = Type.Object({
  ...processSettings({ port: 3004 }),
  ...dataSettings({ connections: 16, leastConnections: 4 }),
  INTERNAL_TOKEN: internalToken,
  USER_URL: serviceUrl('user'),
  /** Asked for the stock when a cart changes; carts work without an answer. */
  INVENTORY_URL: Type.String(),
  INVENTORY_TIMEOUT_MS: Type.Integer({ minimum: 10, maximum: 10_000, default: 500 }),
  /** Makes the tokens that open guests' orders. */
  ORDER_TOKEN_SECRET: Type.String({
    minLength: 16,
    secret: true,
    devDefault: 'order-token-secret-for-development',
  }),
  DEFAULT_CURRENCY: defaultCurrency,
  /** Days that a guest's cart is kept after its last change; an empty one goes after a day. */
  CART_TTL_DAYS: Type.Integer({ minimum: 1, maximum: 3_650, default: 30 }),
  /** Minutes without a change after which a cart counts as abandoned. */
  CART_ABANDONED_AFTER_MINUTES: Type.Integer({ minimum: 1, maximum: 525_600, default: 60 }),
  CART_JOB_INTERVAL_MS: Type.Integer({ minimum: 50, maximum: 3_600_000, default: 10_000 }),
  PENDING_TTL_SECONDS: Type.Integer({ minimum: 1, maximum: 31_536_000, default: 86_400 }),
  HOLD_TTL_SECONDS: Type.Integer({ minimum: 1, maximum: 31_536_000, default: 900 }),
  ORDER_SWEEP_INTERVAL_MS: Type.Integer({ minimum: 50, maximum: 3_600_000, default: 1_000 }),
  ...paymentSettings,
  STRIPE_SECRET_KEY: Type.Optional(Type.String({ minLength: 1, secret: true })),
  /** Of the webhook's endpoint: what its signatures are made with. */
  STRIPE_WEBHOOK_SECRET: Type.Optional(Type.String({ minLength: 1, secret: true })),
  /** Where Stripe answers. */
  STRIPE_API_BASE: Type.String({ default: 'https://api.stripe.com' }),
  /** Where customers reach the gateway: for pages that they are sent to. */
  PUBLIC_URL: Type.String({ default: 'http://127.0.0.1:8080' }),
  /** How often one order may be tried to be paid. */
  PAYMENT_TRIES_PER_ORDER: Type.Integer({ minimum: 1, maximum: 1_000, default: 10 }),
  /** So many declined payments from one address (IPv6: /64) in ten minutes, at one process, and further ones are 429. */
  PAYMENT_DECLINES_PER_ADDRESS: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 30 }),
  /** Whose `X-Forwarded-For` is believed: addresses, networks and their names. */
  TRUSTED_GATEWAYS: Type.String({ default: 'loopback,linklocal,uniquelocal' }),
  /** How long an attempt is left to the process that claimed it; a provider's call is aborted at half of it. */
  PAYMENT_LEASE_MS: Type.Integer({ minimum: 100, maximum: 600_000, default: 30_000 }),
  PAYMENT_POLL_MS: Type.Integer({ minimum: 50, maximum: 60_000, default: 500 }),
  /** How many calls of one provider may be under way. */
  PAYMENT_CONCURRENCY: Type.Integer({ minimum: 1, maximum: 1_000, default: 200 }),
})
export type Config = Static<typeof Config>

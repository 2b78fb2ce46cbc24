import { internalToken, processSettings } from '@storewright/service-kit/run'
import { Type, type Static } from 'typebox'

const replicas = Type.String({ description: 'base URL of the service; several replicas separated by commas' })

const perMinute = { minimum: 1, maximum: 1_000_000_000 }

export const Config = Type.Object({
  ...processSettings({ port: 8080 }),
  INTERNAL_TOKEN: internalToken,
  DATABASE_URL: Type.String({
    description: 'a schema of its own, where the replicas count rate limits together',
  }),
  DATABASE_POOL_SIZE: Type.Integer({ minimum: 1, maximum: 200, default: 4 }),
  AMQP_URL: Type.String({ description: 'where it receives which sessions have ended' }),
  USER_URL: replicas,
  CATALOG_URL: replicas,
  INVENTORY_URL: replicas,
  ORDER_URL: replicas,
  ANALYTICS_URL: Type.Optional(replicas),
  NOTIFICATION_URL: Type.Optional(replicas),
  RATE_LIMIT_PER_MINUTE: Type.Integer({
    ...perMinute,
    default: 600,
    description: 'limit of a guest, by address',
  }),
  ACCOUNT_RATE_LIMIT_PER_MINUTE: Type.Optional(
    Type.Integer({
      ...perMinute,
      description: 'of people who logged in; as RATE_LIMIT_PER_MINUTE if not set',
    }),
  ),
  API_KEY_RATE_LIMIT_PER_MINUTE: Type.Optional(
    Type.Integer({ ...perMinute, description: 'of machines, by key; as RATE_LIMIT_PER_MINUTE if not set' }),
  ),
  AUTH_RATE_LIMIT_PER_MINUTE: Type.Integer({
    ...perMinute,
    default: 30,
    description: 'limit of requests with credentials, by address',
  }),
  WEBHOOK_RATE_LIMIT_PER_MINUTE: Type.Integer({
    ...perMinute,
    default: 6_000,
    description: 'limit of webhooks of payment providers, by address: they all come from few',
  }),
  TRUSTED_PROXIES: Type.String({
    default: '',
    description:
      'proxies whose X-Forwarded-For is trusted: addresses and networks, or how many there are; default none',
  }),
  CORS_ORIGINS: Type.String({
    default: '*',
    description: 'origins separated by commas, `*` for all, `none`',
  }),
  UPSTREAM_TIMEOUT_MS: Type.Integer({ default: 30_000, minimum: 100, maximum: 600_000 }),
  UPLOAD_TIMEOUT_MS: Type.Integer({ default: 30_000, minimum: 100, maximum: 600_000 }),
  CACHE_BYTES: Type.Integer({
    default: 33_554_432,
    minimum: 0,
    maximum: 4_294_967_296,
    description: 'memory for the answers to public reads, which are kept for a second; 0 keeps none',
  }),
  DRAIN_MS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 8_000,
    description:
      'how long it still takes requests after SIGTERM, until load balancers have seen that it is not ready',
  }),
})
export type Config = Static<typeof Config>

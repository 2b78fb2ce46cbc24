import { internalToken, processSettings } from '@storewright/service-kit'
import { Type, type Static } from 'typebox'

const replicas = Type.String({ description: 'base URL of the service; several replicas separated by commas' })

export const Config = Type.Object({
  ...processSettings({ port: 8080 }),
  INTERNAL_TOKEN: internalToken,
  AMQP_URL: Type.String({ description: 'where it hears which sessions have ended' }),
  USER_URL: replicas,
  CATALOG_URL: replicas,
  INVENTORY_URL: replicas,
  ORDER_URL: replicas,
  ANALYTICS_URL: Type.Optional(replicas),
  NOTIFICATION_URL: Type.Optional(replicas),
  RATE_LIMIT_PER_MINUTE: Type.Integer({ default: 600, minimum: 1 }),
  AUTH_RATE_LIMIT_PER_MINUTE: Type.Integer({ default: 30, minimum: 1 }),
  CORS_ORIGINS: Type.String({
    default: '*',
    description: 'origins separated by commas, `*` for all, `none`',
  }),
  UPSTREAM_TIMEOUT_MS: Type.Integer({ default: 30_000, minimum: 100, maximum: 600_000 }),
  UPLOAD_TIMEOUT_MS: Type.Integer({ default: 30_000, minimum: 100, maximum: 600_000 }),
  OPENAPI_CACHE_MS: Type.Integer({ default: 10_000, minimum: 0 }),
})
export type Config = Static<typeof Config>

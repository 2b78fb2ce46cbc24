import { Type, type Static } from 'typebox'

export const Config = Type.Object({
  DATABASE_URL: Type.String(),
  DATABASE_POOL_SIZE: Type.Integer({ minimum: 3, maximum: 200, default: 10 }),
  AMQP_URL: Type.String(),
  HOST: Type.String({ default: '127.0.0.1' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3002 }),
  NODE_ENV: Type.String({ default: 'development' }),
  LOG_LEVEL: Type.String({ default: 'info' }),
  INTERNAL_TOKEN: Type.String({ minLength: 16, secret: true, devDefault: 'internal-token-for-development' }),
  JWKS_URL: Type.String(),
  TOKEN_ISSUER: Type.String({ default: 'storewright' }),
  TOKEN_AUDIENCE: Type.String({ default: 'storewright' }),
  /** How late a scheduled price may begin. */
  PRICE_SCHEDULE_INTERVAL_MS: Type.Integer({ minimum: 50, maximum: 3_600_000, default: 1_000 }),
  /** How late a sale may move a product in lists by popularity. */
  POPULARITY_INTERVAL_MS: Type.Integer({ minimum: 50, maximum: 3_600_000, default: 5_000 }),
})
export type Config = Static<typeof Config>

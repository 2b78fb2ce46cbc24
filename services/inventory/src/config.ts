import { Type, type Static } from 'typebox'

export const Config = Type.Object({
  DATABASE_URL: Type.String(),
  DATABASE_POOL_SIZE: Type.Integer({ minimum: 3, maximum: 200, default: 10 }),
  AMQP_URL: Type.String(),
  HOST: Type.String({ default: '127.0.0.1' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3003 }),
  NODE_ENV: Type.String({ default: 'development' }),
  LOG_LEVEL: Type.String({ default: 'info' }),
  INTERNAL_TOKEN: Type.String({ minLength: 16, secret: true, devDefault: 'internal-token-for-development' }),
  JWKS_URL: Type.String(),
  TOKEN_ISSUER: Type.String({ default: 'storewright' }),
  TOKEN_AUDIENCE: Type.String({ default: 'storewright' }),
  /** Asked about SKUs that no event has told of yet. */
  CATALOG_URL: Type.String(),
  /** At most so many free: `low_stock`. */
  LOW_STOCK_THRESHOLD: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 5 }),
  /** A net below the order service's own deadlines: a day later than its hold of 15 minutes ends. */
  RESERVATION_TTL_SECONDS: Type.Integer({ minimum: 1, maximum: 31_536_000, default: 87_300 }),
  SWEEP_INTERVAL_MS: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 60_000 }),
})
export type Config = Static<typeof Config>

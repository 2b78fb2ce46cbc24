import { availableParallelism } from 'node:os'
import { Type, type Static } from 'typebox'

export const Config = Type.Object({
  NODE_ENV: Type.String({ default: 'development' }),
  HOST: Type.String({ default: '127.0.0.1' }),
  PORT: Type.Integer({ default: 3001, minimum: 0, maximum: 65_535 }),
  LOG_LEVEL: Type.String({ default: 'info' }),
  DATABASE_URL: Type.String(),
  DATABASE_POOL_SIZE: Type.Integer({ default: 10, minimum: 2, maximum: 200 }),
  AMQP_URL: Type.String(),
  JWKS_URL: Type.String(),
  TOKEN_ISSUER: Type.String({ default: 'storewright' }),
  TOKEN_AUDIENCE: Type.String({ default: 'storewright' }),
  ACCESS_TOKEN_TTL_SECONDS: Type.Integer({ default: 900, minimum: 10, maximum: 86_400 }),
  REFRESH_TOKEN_TTL_SECONDS: Type.Integer({ default: 2_592_000, minimum: 60, maximum: 31_536_000 }),
  SIGNING_KEY: Type.Optional(Type.String({ secret: true, description: 'private key, PEM or JWK' })),
  BCRYPT_COST: Type.Integer({ default: 12, minimum: 4, maximum: 16 }),
  PASSWORD_THREADS: Type.Integer({ default: availableParallelism(), minimum: 1, maximum: 64 }),
  PASSWORD_QUEUE: Type.Integer({ default: 64, minimum: 1, maximum: 10_000 }),
  ADMIN_EMAIL: Type.Optional(Type.String()),
  ADMIN_PASSWORD: Type.Optional(Type.String({ secret: true })),
})
export type Config = Static<typeof Config>

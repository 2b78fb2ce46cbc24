import { availableParallelism } from 'node:os'
import { dataSettings, internalToken, processSettings } from '@storewright/service-kit'
import { Type, type Static } from 'typebox'

export const Config = Type.Object({
  ...processSettings({ port: 3001 }),
  ...dataSettings({ connections: 10, leastConnections: 2 }),
  INTERNAL_TOKEN: internalToken,
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

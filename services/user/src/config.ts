import { availableParallelism } from 'node:os'
import { dataSettings, internalToken, processSettings } from '@storewright/service-kit/run'
import { Type, type Static } from 'typebox'

export const Config = Type.Object({
  ...processSettings({ port: 3001 }),
  ...dataSettings({ connections: 10, leastConnections: 2 }),
  INTERNAL_TOKEN: internalToken,
  ACCESS_TOKEN_TTL_SECONDS: Type.Integer({ default: 900, minimum: 10, maximum: 86_400 }),
  REFRESH_TOKEN_TTL_SECONDS: Type.Integer({ default: 2_592_000, minimum: 60, maximum: 31_536_000 }),
  /** How long a spent refresh token still answers with its successor, for clients that lost the answer; 0: never. */
  REFRESH_GRACE_SECONDS: Type.Integer({ default: 10, minimum: 0, maximum: 60 }),
  /** How long the timelines of accounts are kept. */
  ACTIVITY_DAYS: Type.Integer({ default: 365, minimum: 1, maximum: 3_650 }),
  /** Whose X-Forwarded-For is believed: the gateways'. Lock-outs and session lists go by that address. */
  TRUSTED_GATEWAYS: Type.String({ default: 'loopback,linklocal,uniquelocal' }),
  SIGNING_KEY: Type.Optional(Type.String({ secret: true, description: 'private key, PEM or JWK' })),
  /** How long a rotated key is published before it signs: longer than anybody keeps the published keys. */
  SIGNING_KEY_LEAD_SECONDS: Type.Integer({ default: 600, minimum: 0, maximum: 86_400 }),
  BCRYPT_COST: Type.Integer({ default: 12, minimum: 4, maximum: 16 }),
  PASSWORD_THREADS: Type.Integer({ default: availableParallelism(), minimum: 1, maximum: 64 }),
  PASSWORD_QUEUE: Type.Integer({ default: 64, minimum: 1, maximum: 10_000 }),
  /** Asked for a person's data when they want all of it; a service that is not named holds none. */
  ORDER_URL: Type.Optional(Type.String({ description: 'base URL; several replicas separated by commas' })),
  NOTIFICATION_URL: Type.Optional(
    Type.String({ description: 'base URL; several replicas separated by commas' }),
  ),
  ADMIN_EMAIL: Type.Optional(Type.String()),
  ADMIN_PASSWORD: Type.Optional(Type.String({ secret: true })),
})
export type Config = Static<typeof Config>

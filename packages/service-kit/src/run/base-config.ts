import { currencies } from '@storewright/contracts'
import { Type } from 'typebox'

/** Where it listens, how much it logs, whose access tokens it takes. */
export const processSettings = ({ port }: { port: number }) => ({
  NODE_ENV: Type.String({ default: 'development' }),
  HOST: Type.String({ default: '127.0.0.1' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: port }),
  LOG_LEVEL: Type.String({ default: 'info' }),
  JWKS_URL: Type.String(),
  TOKEN_ISSUER: Type.String({ default: 'storewright' }),
  TOKEN_AUDIENCE: Type.String({ default: 'storewright' }),
})

/** For schema and events; `connections` go to the database. */
export const dataSettings = ({
  connections,
  leastConnections,
}: {
  connections: number
  leastConnections: number
}) => ({
  DATABASE_URL: Type.String(),
  DATABASE_POOL_SIZE: Type.Integer({ minimum: leastConnections, maximum: 200, default: connections }),
  AMQP_URL: Type.String(),
})

/** What services know each other by on `/internal/…` paths; the same one in all of them. */
export const internalToken = Type.String({
  minLength: 16,
  secret: true,
  devDefault: 'internal-token-for-development',
})

/** The currency of the shop: that of carts and of shown prices where a request names none. The same in all services. */
export const defaultCurrency = Type.String({ enum: [...currencies], default: 'GBP' })

export const serviceUrl = (name: string) =>
  Type.String({ description: `base URL of the ${name} service; several replicas separated by commas` })

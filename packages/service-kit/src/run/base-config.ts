import { currencies, paymentProviders } from '@storewright/contracts'
import { Type } from 'typebox'
import { ConfigError } from './config.ts'

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

/** How customers pay; the same in the services that take payments and that name the providers. */
export const paymentSettings = {
  PAYMENT_PROVIDERS: Type.Optional(
    Type.String({
      description: 'names separated by commas; in development sandbox,manual, in production none',
    }),
  ),
  /** The sandbox takes no money: in production everybody could order for nothing. */
  ALLOW_SANDBOX_PAYMENTS: Type.Boolean({ default: false }),
  /** Given to browsers; without it the provider's script cannot be used. */
  STRIPE_PUBLISHABLE_KEY: Type.Optional(Type.String({ maxLength: 255 })),
}

/** The providers that are on, in the order of the setting; what must not be is a `ConfigError`. */
export const enabledPaymentProviders = (config: {
  NODE_ENV: string
  PAYMENT_PROVIDERS?: string
  ALLOW_SANDBOX_PAYMENTS: boolean
}): string[] => {
  const production = config.NODE_ENV === 'production'
  const names = (config.PAYMENT_PROVIDERS ?? (production ? '' : 'sandbox,manual'))
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const known = paymentProviders.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  const faults = unknown.map((name) => `PAYMENT_PROVIDERS names ${name}, but there are ${known.join(', ')}`)
  if (production && names.includes('sandbox') && !config.ALLOW_SANDBOX_PAYMENTS) {
    faults.push('PAYMENT_PROVIDERS names sandbox, which in production needs ALLOW_SANDBOX_PAYMENTS=true')
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return [...new Set(names)]
}

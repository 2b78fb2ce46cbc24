import { ConfigError, enabledPaymentProviders } from '@storewright/service-kit/run'
import type { Config } from '../config.ts'
import type { Db } from '../database.ts'
import { createManualProvider, providersByName, type Providers } from './provider.ts'
import { createSandbox } from './sandbox.ts'
import { createStripeProvider } from './stripe.ts'

const need = (config: Config, name: 'STRIPE_SECRET_KEY' | 'STRIPE_WEBHOOK_SECRET'): string => {
  const value = config[name]
  if (value === undefined)
    throw new ConfigError([`${name} must be set, since PAYMENT_PROVIDERS names stripe`])
  return value
}

/** The providers that the configuration names; what is missing for one of them is a `ConfigError`. */
export const createProviders = (db: Db, config: Config): Providers =>
  providersByName(
    enabledPaymentProviders(config).map((name) => {
      if (name === 'sandbox')
        return createSandbox(db, { publicUrl: config.PUBLIC_URL, secret: config.ORDER_TOKEN_SECRET })
      if (name === 'manual') return createManualProvider()
      return createStripeProvider({
        webhookSecret: need(config, 'STRIPE_WEBHOOK_SECRET'),
        secretKey: need(config, 'STRIPE_SECRET_KEY'),
        apiBase: config.STRIPE_API_BASE,
      })
    }),
  )

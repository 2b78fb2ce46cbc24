import { paymentProviders } from '@storewright/contracts'
import { loadConfig } from '@storewright/service-kit/run'
import { describe, expect, it } from 'vitest'
import { Config } from '../config.ts'
import type { Db } from '../database.ts'
import { createProviders } from './providers.ts'
import { toStripeAmount } from './stripe-amounts.ts'

const STRIPE = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }
const PRODUCTION = {
  NODE_ENV: 'production',
  INTERNAL_TOKEN: 'internal-token-of-this-test',
  ORDER_TOKEN_SECRET: 'order-token-secret-of-this-test',
}
const providersOf = (env: Record<string, string>) => {
  const needed = {
    DATABASE_URL: 'mysql://x',
    AMQP_URL: 'amqp://x',
    JWKS_URL: 'x',
    USER_URL: 'x',
    INVENTORY_URL: 'x',
  }
  return [...createProviders({} as Db, loadConfig(Config, { ...needed, ...env })).values()]
}
const names = (env: Record<string, string>) => providersOf(env).map(({ name }) => name)

describe('the payment providers that are on', () => {
  it('are those that GET /v1/shop names with the same settings', () => {
    const ours = providersOf({ PAYMENT_PROVIDERS: 'sandbox, manual,stripe', ...STRIPE })
    expect(ours.map(({ name, needsToken }) => ({ name, needsToken }))).toEqual(paymentProviders)
  })

  it('are sandbox and manual in development, and none in production unless named', () => {
    expect(names({})).toEqual(['sandbox', 'manual'])
    expect(names(PRODUCTION)).toEqual([])
    expect(names({ ...PRODUCTION, PAYMENT_PROVIDERS: 'manual' })).toEqual(['manual'])
  })

  it('are no sandbox in production without leave, and no stripe without its secrets', () => {
    expect(() => names({ ...PRODUCTION, PAYMENT_PROVIDERS: 'sandbox' })).toThrow(
      'ALLOW_SANDBOX_PAYMENTS=true',
    )
    const allowed = { PAYMENT_PROVIDERS: 'sandbox', ALLOW_SANDBOX_PAYMENTS: 'true' }
    expect(names({ ...PRODUCTION, ...allowed })).toEqual(['sandbox'])
    expect(() => names({ PAYMENT_PROVIDERS: 'stripe' })).toThrow('STRIPE_WEBHOOK_SECRET must be set')
    expect(() => names({ PAYMENT_PROVIDERS: 'paypal' })).toThrow('names paypal')
  })
})

it.each([
  [1299, 'GBP', 1299],
  [500, 'JPY', 500],
  [5, 'ISK', 500],
  [5, 'UGX', 500],
  [1200, 'MGA', 12],
  [1250, 'MGA', null],
  [5120, 'KWD', 5120],
  [5124, 'KWD', null],
])('sends %i minor units of %s to Stripe as %s', (amountMinor, currency, expected) => {
  expect(toStripeAmount(amountMinor, currency)).toBe(expected)
})

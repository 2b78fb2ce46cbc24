import { Currency, paymentProviders } from '@storewright/contracts'
import { countries } from '@storewright/runtime/countries'
import { setSurrogateKey, type Server } from '@storewright/service-kit/http'
import { enabledPaymentProviders } from '@storewright/service-kit/run'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { listCurrenciesOnSale } from './queries.ts'

const Countries = (description: string) =>
  Type.Array(Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2 }), {
    maxItems: 300,
    description,
    examples: [['DE', 'GB', 'JP']],
  })

const Shop = Type.Object(
  {
    defaultCurrency: { ...Currency, description: 'of prices and carts where a request names none' },
    currencies: Type.Array(Currency, {
      maxItems: 200,
      description: 'ISO 4217; the default one, and those in which something on sale has a price',
    }),
    countries: Countries('ISO 3166-1 alpha-2; where customers may have addresses'),
    shippingCountries: Countries(
      'where orders may go, as far as shipping zones serve it: ask GET /v1/shipping-methods',
    ),
    paymentProviders: Type.Array(
      Type.Object({
        name: Type.String({ maxLength: 20, description: 'for `payment.provider`', examples: ['sandbox'] }),
        needsToken: Type.Boolean({ description: 'whether a payment needs a `token` from the provider' }),
        publishableKey: Type.Union([Type.String({ maxLength: 255 }), Type.Null()], {
          description: 'for the provider’s script in the browser; null where it needs none',
          examples: [null],
        }),
      }),
      { maxItems: 20 },
    ),
  },
  { title: 'Shop' },
)

/** The settings that the order service takes payments by, so that both name the same providers. */
type PaymentSettings = Parameters<typeof enabledPaymentProviders>[0] & { STRIPE_PUBLISHABLE_KEY?: string }

export const shopRoutes = (
  app: Server,
  { db, currency, config }: { db: Db; currency: string; config: PaymentSettings },
) => {
  const on = enabledPaymentProviders(config)
  const providers = paymentProviders
    .filter(({ name }) => on.includes(name))
    .map((provider) => ({
      ...provider,
      publishableKey: provider.name === 'stripe' ? (config.STRIPE_PUBLISHABLE_KEY ?? null) : null,
    }))

  app.get(
    '/v1/shop',
    {
      schema: {
        operationId: 'getShop',
        summary: 'Currencies, countries and ways to pay',
        description: 'What a storefront needs to know of the shop before it shows anything.',
        tags: ['Catalogue'],
        response: { 200: Shop },
      },
    },
    async (request, reply) => {
      setSurrogateKey(request, reply, ['shop'])
      return {
        defaultCurrency: currency,
        currencies: [...new Set([currency, ...(await listCurrenciesOnSale(db))])].sort(),
        countries: [...countries],
        shippingCountries: [...countries],
        paymentProviders: providers,
      }
    },
  )
}

import { Currency, Money, UnpagedList } from '@storewright/contracts'
import type { Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { findCurrencyOfCart, requireCurrency } from '../carts/cart-access.ts'
import type { Deps } from '../deps.ts'
import { money } from '../pricing/totals.ts'
import { problemResponses } from '../problems.ts'
import { listShippingMethods } from './shipping-methods.ts'

const Days = Type.Integer({ minimum: 0, maximum: 1_000 })

const Method = Type.Object(
  {
    id: Type.String({ maxLength: 40, description: 'for `shippingMethod` of POST /v1/orders' }),
    name: Type.String({ maxLength: 100 }),
    price: Money,
    minDays: Days,
    maxDays: Days,
  },
  {
    title: 'ShippingMethod',
    examples: [
      {
        id: 'standard',
        name: 'Standard delivery',
        price: { amount: 0, currency: 'GBP' },
        minDays: 3,
        maxDays: 5,
      },
    ],
  },
)

/** How orders may travel. */
export const shippingRoutes = (app: Server, { db, settings }: Deps) => {
  app.get(
    '/v1/shipping-methods',
    {
      schema: {
        operationId: 'listShippingMethods',
        summary: 'How an order may be sent, and for how much',
        description: 'In the currency of a cart, of one that is named, or of the shop.',
        tags: ['Carts'],
        querystring: Type.Object({
          country: Type.Optional(
            Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2, description: 'ISO 3166-1 alpha-2' }),
          ),
          cartId: Type.Optional(Type.String({ maxLength: 64, description: 'prices in its currency' })),
          currency: Type.Optional(Currency),
        }),
        response: {
          200: UnpagedList(Method, 100),
          ...problemResponses('not-found', 'unprocessable'),
        },
      },
    },
    async ({ query, auth }) => {
      const currency =
        query.cartId === undefined
          ? (query.currency ?? settings.defaultCurrency)
          : await findCurrencyOfCart(db, query.cartId, auth?.userId ?? null)
      requireCurrency(currency)
      const items = listShippingMethods().map(({ priceMinor, ...method }) => ({
        ...method,
        price: money(priceMinor, currency),
      }))
      return { items, nextCursor: null }
    },
  )
}

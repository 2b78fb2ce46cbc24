import { Currency, Money, UnpagedList } from '@storewright/contracts'
import { countries } from '@storewright/runtime/countries'
import type { Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { requireCurrency, visibleTo } from '../carts/cart-access.ts'
import { withOffers } from '../carts/cart-reader.ts'
import { buyableLines } from '../carts/price-cart.ts'
import type { Deps } from '../deps.ts'
import { money } from '../pricing/totals.ts'
import { Problem, problemResponses } from '../problems.ts'
import { listShippingQuotes, OTHER_COUNTRIES, type ShippingQuote } from '../rates/shipping.ts'

const Days = Type.Integer({ minimum: 0, maximum: 1_000 })
const Day = Type.String({ format: 'date', maxLength: 10, description: 'UTC' })

const Method = Type.Object(
  {
    id: Type.String({ maxLength: 40, description: 'for `shippingMethod` of POST /v1/orders' }),
    name: Type.String({ maxLength: 100 }),
    price: Money,
    minDays: Days,
    maxDays: Days,
    estimatedDelivery: Type.Object(
      { from: Day, to: Day },
      { description: 'of what is ordered today', title: 'EstimatedDelivery' },
    ),
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
        estimatedDelivery: { from: '2026-02-03', to: '2026-02-05' },
      },
    ],
  },
)

const dayAfter = (days: number, now: Date) => {
  const day = new Date(now)
  day.setUTCDate(day.getUTCDate() + days)
  return day.toISOString().slice(0, 10)
}

const view = (quote: ShippingQuote, currency: string, now: Date) => {
  const { methodId: id, name, priceMinor, minDays, maxDays } = quote
  const estimatedDelivery = { from: dayAfter(minDays, now), to: dayAfter(maxDays, now) }
  return { id, name, price: money(priceMinor, currency), minDays, maxDays, estimatedDelivery }
}

/** How orders may travel. */
export const shippingRoutes = (app: Server, { carts: { readCart, readOffers }, rates, settings }: Deps) => {
  app.get(
    '/v1/shipping-methods',
    {
      schema: {
        operationId: 'listShippingMethods',
        summary: 'How an order may be sent, and for how much',
        description:
          'To the country that is named, else to the cart’s, else to those that no zone names. For what is in the cart, in its ' +
          'currency; without one in a currency that is named, or the shop’s. What has no price in it is left out.',
        tags: ['Carts'],
        querystring: Type.Object({
          country: Type.Optional(
            Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2, description: 'ISO 3166-1 alpha-2' }),
          ),
          cartId: Type.Optional(
            Type.String({ maxLength: 64, description: 'prices for what is in it, in its currency' }),
          ),
          currency: Type.Optional(Currency),
        }),
        response: {
          200: UnpagedList(Method, 100),
          ...problemResponses('not-found', 'unprocessable'),
        },
      },
    },
    async ({ query, auth }) => {
      const { cartId } = query
      const stored =
        cartId === undefined ? undefined : visibleTo(await readCart(cartId), auth?.userId ?? null, cartId)
      const currency = stored?.currency ?? query.currency ?? settings.defaultCurrency
      requireCurrency(currency)
      const country = query.country ?? stored?.country ?? OTHER_COUNTRIES
      if (country !== OTHER_COUNTRIES && !countries.includes(country)) {
        throw new Problem('unprocessable', `There is no country ${country}.`, {
          errors: [{ path: 'country', message: 'is no ISO 3166-1 country' }],
        })
      }
      const lines = stored ? buyableLines(await withOffers(readOffers, stored)) : []
      const now = settings.clock()
      const request = { country, postalCode: stored?.postalCode ?? null, currency, lines }
      const quotes = listShippingQuotes(await rates.readRates(), request)
      return { items: quotes.map((quote) => view(quote, currency, now)), nextCursor: null }
    },
  )
}

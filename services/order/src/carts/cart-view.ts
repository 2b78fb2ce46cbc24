import { etagOf, requireMatch } from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Settings } from '../deps.ts'
import { lineMoney, money, totalsView } from '../pricing/totals.ts'
import type { CartAccess } from './cart-reader.ts'
import { noticesOf, priceCartLine } from './cart.ts'
import type { Cart } from './cart-schemas.ts'
import type { CartChange, FoundCart } from './change-cart.ts'
import { priceCart, type PricedCart } from './price-cart.ts'

const shippingView = ({ cart: { currency }, shipping, order }: PricedCart): Cart['shipping'] => {
  if (!shipping) return null
  const { country, postalCode, method, quote, refusal } = shipping
  return {
    country,
    postalCode,
    method,
    price: quote && money(quote.priceMinor, currency),
    discount: money(order.shipping?.discountMinor ?? 0, currency),
    minDays: quote?.minDays ?? null,
    maxDays: quote?.maxDays ?? null,
    refusal,
  }
}

const cartView = (priced: PricedCart): Cart => {
  const { cart, lines, order } = priced
  const { currency } = cart
  const pricedBySku = new Map(order.lines.map((line) => [line.sku, line]))
  return {
    id: cart.id,
    currency,
    status: cart.status === 'ordered' ? 'ordered' : 'open',
    orderId: cart.orderId,
    version: cart.version,
    items: lines.map((line) => {
      const shown = pricedBySku.get(line.sku) ?? priceCartLine(line, currency)
      const notices = noticesOf(line, currency)
      return {
        sku: line.sku,
        name: shown.name,
        quantity: line.quantity,
        ...lineMoney(shown, currency),
        ...(notices.includes('priceChanged') && {
          previousUnitPrice: money(line.seenPriceMinor, currency),
        }),
        notices,
      }
    }),
    coupons: cart.codes.map((code) => ({ code })),
    shipping: shippingView(priced),
    discounts: order.discounts.map(({ promotionId, name, code, amountMinor }) => ({
      promotionId,
      name,
      ...(code !== null && { code }),
      amount: money(amountMinor, currency),
    })),
    notApplied: order.notApplied,
    totals: totalsView(order.totals, currency),
    createdAt: cart.createdAt.toISOString(),
    updatedAt: cart.updatedAt.toISOString(),
  }
}

/** The change that a request asks for: whose, of which version. */
export const changeFrom =
  ({ clock }: Pick<Settings, 'clock'>) =>
  (request: FastifyRequest, cartId: string): CartChange => ({
    cartId,
    userId: request.auth?.userId ?? null,
    check: (version) => requireMatch(request, version),
    now: clock(),
  })

/** Answers with a cart at the prices of now, and the version that a later change may name. */
export const sendCart = async (carts: CartAccess, reply: FastifyReply, found: FoundCart, now: Date) => {
  void reply.header('etag', etagOf(found.cart.version))
  return cartView(await priceCart(carts, found, now))
}

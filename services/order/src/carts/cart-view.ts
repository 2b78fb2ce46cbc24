import { etagOf } from '@storewright/service-kit/http'
import type { FastifyReply } from 'fastify'
import { money, totalsView } from '../pricing/totals.ts'
import { cartTotals, noticesOf, priceCartLine } from './cart.ts'
import type { Cart } from './cart-schemas.ts'
import type { FoundCart } from './change-cart.ts'

/** The cart as the API shows it, at the prices of now. */
const cartView = ({ cart, lines }: FoundCart): Cart => ({
  id: cart.id,
  currency: cart.currency,
  status: cart.status === 'ordered' ? 'ordered' : 'open',
  orderId: cart.orderId,
  version: cart.version,
  items: lines.map((line) => {
    const { sku, name, quantity, unitPriceMinor, totalMinor } = priceCartLine(line, cart.currency)
    return {
      sku,
      name,
      quantity,
      unitPrice: money(unitPriceMinor, cart.currency),
      total: money(totalMinor, cart.currency),
      notices: noticesOf(line, cart.currency),
    }
  }),
  coupons: [],
  totals: totalsView(cartTotals(lines, cart.currency, 0), cart.currency),
  createdAt: cart.createdAt.toISOString(),
  updatedAt: cart.updatedAt.toISOString(),
})

/** Answers with a cart, and the version that a later change may name. */
export const sendCart = (reply: FastifyReply, found: FoundCart) => {
  void reply.header('etag', etagOf(found.cart.version))
  return cartView(found)
}

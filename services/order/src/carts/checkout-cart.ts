import type { Trx } from '../database.ts'
import { listOffers } from '../offers/offer-reader.ts'
import { Problem } from '../problems.ts'
import { openFor } from './cart-access.ts'
import { findUnavailable, linesWith, type CartLine } from './cart.ts'
import { closeCart, findCart } from './queries.ts'

/** Turns an open cart into an order's, once: a second order for it waits here and is refused with the first's id. */
export const checkoutCart = async (
  trx: Trx,
  { cartId, userId, orderId, now }: { cartId: string; userId: string | null; orderId: string; now: Date },
): Promise<{ currency: string; lines: CartLine[] }> => {
  const closed = await closeCart(trx, cartId, userId, orderId, now)
  const cart = await findCart(trx, cartId)
  if (!closed) openFor(cart, userId, cartId)
  if (!closed || !cart) throw new Error(`cart ${cartId} is open and could not be closed`)

  const offers = await listOffers(
    trx,
    cart.lines.map(({ sku }) => sku),
  )
  const lines = linesWith(cart.lines, offers)
  if (lines.length === 0) {
    throw new Problem('cart-empty', 'Put something into the cart first.', {
      errors: [{ path: 'cartId', message: 'names a cart without lines' }],
    })
  }
  const unavailable = findUnavailable(lines, cart.currency)
  if (unavailable.length > 0) {
    const skus = unavailable.map(({ sku }) => sku)
    throw new Problem(
      'product-unavailable',
      `Take what is not on sale out of the cart: ${skus.slice(0, 5).join(', ')}.`,
      {
        errors: skus.slice(0, 100).map((sku) => ({ path: 'cartId', message: `${sku} is not on sale` })),
        skus,
      },
    )
  }
  return { currency: cart.currency, lines }
}

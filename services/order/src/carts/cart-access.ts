import { isCurrency } from '@storewright/contracts'
import { notFound } from '@storewright/service-kit/http'
import { Problem } from '../problems.ts'
import type { StoredCart } from './queries.ts'

/** The cart, if this caller may see it: a guest's cart is anyone's who knows its id, an owned one its owner's. */
export const visibleTo = <Cart extends Pick<StoredCart, 'userId' | 'status'>>(
  cart: Cart | undefined,
  userId: string | null,
  id: string,
): Cart => {
  const visible = cart && cart.status !== 'merged' && (cart.userId === null || cart.userId === userId)
  return visible ? cart : notFound('cart', id)
}

/** As `visibleTo`, and the cart has not become an order. */
export const openFor = <Cart extends Pick<StoredCart, 'userId' | 'status' | 'orderId'>>(
  cart: Cart | undefined,
  userId: string | null,
  id: string,
): Cart => {
  const visible = visibleTo(cart, userId, id)
  if (visible.status === 'ordered') {
    throw new Problem('cart-ordered', 'The cart has become an order; start a new cart.', {
      orderId: visible.orderId,
    })
  }
  return visible
}

/** Refuses a currency that ISO 4217 does not know. */
export const requireCurrency = (currency: string) => {
  if (isCurrency(currency)) return
  throw new Problem('unprocessable', `There is no currency ${currency}.`, {
    errors: [{ path: 'currency', message: 'is not a currency of ISO 4217' }],
  })
}

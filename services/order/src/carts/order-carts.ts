import type { Demand } from './cart.ts'
import { randomUUID } from 'node:crypto'
import type { Trx } from '../database.ts'
import { listOffers } from '../offers/offer-reader.ts'
import { insertOpenCarts, listCarts } from './order-cart-queries.ts'

export { closeCarts, lockCarts } from './order-cart-queries.ts'
export type { StoredCart } from './queries.ts'

/** An order that came to nothing, and what there was too little of. */
export interface FailedOrder {
  orderId: string
  cartId: string
  shortages: readonly { sku: string; available: number }[]
}

const quantityLeft = ({ sku, quantity }: Demand, shortages: FailedOrder['shortages']) => {
  const short = shortages.find((shortage) => shortage.sku === sku)
  return short ? Math.min(quantity, short.available) : quantity
}

/** A fresh open cart for each of these orders, with what can still be bought of theirs, its codes and its shipping;
 * returns the new cart's id by order. An order whose cart is gone has none. */
export const insertRetryCarts = async (
  trx: Trx,
  orders: readonly FailedOrder[],
  { now, cartTtlDays }: { now: Date; cartTtlDays: number },
): Promise<ReadonlyMap<string, string>> => {
  if (orders.length === 0) return new Map()
  const found = await listCarts(
    trx,
    orders.map(({ cartId }) => cartId),
  )
  const carts = new Map(found.map((cart) => [cart.id, cart]))
  const skus = new Set(found.flatMap(({ lines }) => lines.map(({ sku }) => sku)))
  const offers = await listOffers(trx, [...skus])

  const retries = orders.flatMap(({ orderId, cartId, shortages }) => {
    const cart = carts.get(cartId)
    if (!cart) return []
    const lines = cart.lines.flatMap((line) => {
      const offer = offers.get(line.sku)
      const quantity = quantityLeft(line, shortages)
      return offer?.onSale && offer.prices.has(cart.currency) && quantity > 0 ? { ...line, quantity } : []
    })
    const retry = { ...cart, lines, id: randomUUID(), createdAt: now, updatedAt: now }
    return { orderId, retry }
  })
  if (retries.length > 0) {
    await insertOpenCarts(
      trx,
      retries.map(({ retry }) => retry),
      cartTtlDays,
    )
  }
  return new Map(retries.map(({ orderId, retry }) => [orderId, retry.id]))
}

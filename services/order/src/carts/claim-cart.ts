import { inTransaction, isDuplicateKey } from '@storewright/database'
import { notFound } from '@storewright/service-kit/http'
import type { Trx } from '../database.ts'
import { listOffers } from '../offers/offer-reader.ts'
import { openFor } from './cart-access.ts'
import type { CartAccess } from './cart-reader.ts'
import { mergeCarts } from './cart.ts'
import { applyChange } from './change-cart.ts'
import { assignCart, lockActiveCart, lockCart, mergeCartInto, updateCart, type CartTimes } from './queries.ts'

interface ClaimCart {
  cartId: string
  userId: string
  now: Date
}

const claimOnce = async (trx: Trx, { cartId, userId, now }: ClaimCart, times: CartTimes): Promise<string> => {
  const cart = await lockCart(trx, cartId)
  if (cart?.mergedInto) {
    const target = await lockCart(trx, cart.mergedInto)
    return target?.userId === userId ? target.id : notFound('cart', cartId)
  }
  const guestCart = openFor(cart, userId, cartId)
  if (guestCart.userId !== null) return guestCart.id

  const own = await lockActiveCart(trx, userId, guestCart.currency)
  if (!own) {
    await assignCart(trx, guestCart, userId, now)
    return cartId
  }
  const lines = mergeCarts(own.lines, guestCart.lines)
  const offers = await listOffers(
    trx,
    lines.map(({ sku }) => sku),
  )
  const { stored } = applyChange(own, offers, { lines }, now)
  await updateCart(trx, stored, own.version, times)
  await mergeCartInto(trx, cartId, own.id, now)
  return own.id
}

const TRIES = 3

/** Assigns a guest's cart after log-in, or merges it into the user's active one of that currency; returns that id. */
export const claimCart = async ({ db, times }: CartAccess, claim: ClaimCart): Promise<string> => {
  for (let tries = 1; ; tries++) {
    try {
      return await inTransaction(db, (trx) => claimOnce(trx, claim, times))
    } catch (error) {
      // Another cart became the active one at the same moment; this one is merged into it.
      if (!isDuplicateKey(error) || tries === TRIES) throw error
    }
  }
}

import { inTransaction, isDuplicateKey } from '@storewright/database'
import { notFound } from '@storewright/service-kit/http'
import type { Trx } from '../database.ts'
import { listOffers } from '../offers/offer-reader.ts'
import { openFor } from './cart-access.ts'
import type { CartAccess } from './cart-reader.ts'
import { mergeCarts, mergeChoices } from './cart.ts'
import { applyChange } from './change-cart.ts'
import type { ReadStock } from './inventory-client.ts'
import { assignCart, lockActiveCart, lockCart, mergeCartInto, updateCart, type CartTimes } from './queries.ts'

interface ClaimCart {
  cartId: string
  userId: string
  now: Date
}

type Available = ReadonlyMap<string, number> | null

const claimOnce = async (
  trx: Trx,
  { cartId, userId, now }: ClaimCart,
  times: CartTimes,
  available: Available,
): Promise<string> => {
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
  const skus = new Set([...own.lines, ...guestCart.lines].map(({ sku }) => sku))
  const offers = await listOffers(trx, [...skus])
  const availableOf = (sku: string) => available?.get(sku) ?? offers.get(sku)?.available ?? null
  const lines = mergeCarts(own.lines, guestCart.lines, availableOf)
  const { stored } = applyChange(own, offers, { ...mergeChoices(own, guestCart), lines }, now)
  await updateCart(trx, { cart: stored, seenVersion: own.version }, times)
  await mergeCartInto(trx, cartId, own.id, now)
  return own.id
}

const TRIES = 3

/** Assigns a guest's cart after log-in, or merges it into the user's active one of that currency; returns that id. */
export const claimCart = async (
  { db, readCart, times }: CartAccess,
  readStock: ReadStock,
  claim: ClaimCart,
): Promise<string> => {
  const lines = (await readCart(claim.cartId))?.lines ?? []
  const available = await readStock(lines.map(({ sku }) => sku))
  for (let tries = 1; ; tries++) {
    try {
      return await inTransaction(db, (trx) => claimOnce(trx, claim, times, available))
    } catch (error) {
      // Another cart became the active one at the same moment; this one is merged into it.
      if (!isDuplicateKey(error) || tries === TRIES) throw error
    }
  }
}

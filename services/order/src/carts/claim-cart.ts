import { notFound } from '@storewright/service-kit/http'
import type { Trx } from '../database.ts'
import { openFor } from './cart-access.ts'
import { mergeCarts } from './cart.ts'
import { changeCart } from './change-cart.ts'
import { listLines, upsertLines } from './line-queries.ts'
import { assignCart, lockCart, lockOpenCartOf, mergeCartInto } from './queries.ts'

const anyVersion = () => undefined

/** Assigns a guest's cart after log-in, or merges it into the user's own of that currency; returns that id. */
export const claimCart = async (
  trx: Trx,
  { cartId, userId, now }: { cartId: string; userId: string; now: Date },
): Promise<string> => {
  const cart = await lockCart(trx, cartId)
  if (cart?.mergedInto) {
    const target = await lockCart(trx, cart.mergedInto)
    return target?.userId === userId ? target.id : notFound('cart', cartId)
  }
  const guestCart = openFor(cart, userId, cartId)
  if (guestCart.userId !== null) return guestCart.id

  const own = await lockOpenCartOf(trx, userId, guestCart.currency)
  if (!own) {
    await assignCart(trx, cartId, userId, now)
    return cartId
  }
  await changeCart(trx, { cartId: own.id, userId, check: anyVersion, now }, async () => {
    const lines = mergeCarts(await listLines(trx, own.id), await listLines(trx, cartId))
    if (lines.length > 0) await upsertLines(trx, own.id, lines, now)
  })
  await mergeCartInto(trx, cartId, own.id, now)
  return own.id
}

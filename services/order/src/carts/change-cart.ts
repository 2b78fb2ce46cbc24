import { randomUUID } from 'node:crypto'
import { inTransaction } from '@storewright/database'
import type { Db, Trx } from '../database.ts'
import { isTooLarge, MAX_LINES } from '../pricing/totals.ts'
import { Problem } from '../problems.ts'
import { openFor } from './cart-access.ts'
import { cartTotals, type CartLine } from './cart.ts'
import { deleteLine, deleteLines } from './line-queries.ts'
import { findCart, findCartHead, insertCart, touchCart, type CartHead } from './queries.ts'

export interface CartChange {
  cartId: string
  userId: string | null
  /** Throws when the client changes another version than the one it saw. */
  check: (version: number) => void
  now: Date
}

export interface FoundCart {
  cart: CartHead
  lines: CartLine[]
}

/** Starts an empty cart. Its id is a guest's only key to it, so it is random and not made of the time. */
export const createCart = async (
  db: Db | Trx,
  { userId, currency, now }: { userId: string | null; currency: string; now: Date },
): Promise<FoundCart> => {
  const cart = {
    id: randomUUID() as string,
    userId,
    currency,
    status: 'open' as const,
    orderId: null,
    mergedInto: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  await insertCart(db, cart)
  return { cart, lines: [] }
}

/** Refuses to make a cart of more than it can hold. */
export const checkSize = ({ cart, lines }: FoundCart) => {
  if (lines.length > MAX_LINES) {
    throw new Problem('unprocessable', `A cart has at most ${MAX_LINES} lines.`, {
      errors: [{ path: 'items', message: `must not make more than ${MAX_LINES} lines` }],
    })
  }
  if (isTooLarge(cartTotals(lines, cart.currency, 0))) {
    throw new Problem('unprocessable', 'The total is more than an order may cost.', {
      errors: [{ path: 'quantity', message: 'makes the total too large' }],
    })
  }
}

/** Changes an open cart under its lock, or throws the reason why not; returns it as it is then. */
export const changeCart = async (
  trx: Trx,
  { cartId, userId, check, now }: CartChange,
  change: () => Promise<unknown>,
): Promise<FoundCart> => {
  if (!(await touchCart(trx, { id: cartId, userId, now }))) {
    openFor(await findCartHead(trx, cartId), userId, cartId)
    // A cart never becomes open again, nor anybody's who may not see it now.
    throw new Error(`cart ${cartId} is open and could not be locked`)
  }
  await change()
  const found = await findCart(trx, cartId)
  if (!found) throw new Error(`cart ${cartId} vanished while it was locked`)
  check(found.cart.version - 1)
  checkSize(found)
  return found
}

/** Removes one SKU, or every line, from a cart; a SKU that is not there is no error. */
export const removeItems = (db: Db, change: CartChange & { sku: string | null }) =>
  inTransaction(db, (trx) =>
    changeCart(trx, change, () =>
      change.sku === null ? deleteLines(trx, change.cartId) : deleteLine(trx, change.cartId, change.sku),
    ),
  )

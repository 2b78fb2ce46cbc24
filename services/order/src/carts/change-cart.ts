import { randomUUID } from 'node:crypto'
import { inTransaction, isDuplicateKey } from '@storewright/database'
import { createBatcher } from '@storewright/runtime/batching'
import type { Db, Trx } from '../database.ts'
import { listOffers, type Offer, type ReadOffers } from '../offers/offer-reader.ts'
import { isTooLarge, MAX_LINES } from '../pricing/totals.ts'
import { Problem } from '../problems.ts'
import { openFor } from './cart-access.ts'
import { WRITES, type CartAccess } from './cart-reader.ts'
import { cartTotals, linesWith, seenLines, type CartLine } from './cart.ts'
import { checkOwner, findActiveCart, insertCarts, lockCart, updateCart, type StoredCart } from './queries.ts'

export interface CartChange {
  cartId: string
  userId: string | null
  /** Throws when the client changes another version than the one it saw. */
  check: (version: number) => void
  now: Date
}

export interface FoundCart {
  cart: StoredCart
  lines: CartLine[]
}

export type Offers = ReadonlyMap<string, Offer>

/** What a change makes of the cart, null where it is so already; throws where it may not be. Repeated after a lost race. */
export type Decide = (cart: StoredCart, offers: Offers) => Partial<StoredCart> | null

interface NewCart {
  userId: string | null
  currency: string
  now: Date
}

const emptyCart = ({ userId, currency, now }: NewCart): StoredCart => ({
  // A guest's only key to it, so it is random and not made of the time.
  id: randomUUID(),
  userId,
  currency,
  status: 'open',
  orderId: null,
  mergedInto: null,
  version: 1,
  lines: [],
  codes: [],
  country: null,
  postalCode: null,
  shippingMethod: null,
  taxExempt: false,
  active: userId !== null,
  createdAt: now,
  updatedAt: now,
})

/** Starts carts of guests; those of concurrent requests are written by one statement. */
export const createGuestCarts = (db: Db): CartAccess['openGuestCart'] => {
  const insert = createBatcher(async (carts: StoredCart[]) => {
    await insertCarts(db, carts)
    return carts
  }, WRITES)
  return (start) => insert(emptyCart({ ...start, userId: null }))
}

/** Starts a user's empty cart, or finds the active one of that currency: on two devices at once it is one. */
export const openCart = async (
  db: Db | Trx,
  start: NewCart & { userId: string },
): Promise<{ created: boolean; cart: StoredCart }> => {
  const { userId, currency } = start
  const active = await findActiveCart(db, userId, currency)
  if (active) return { created: false, cart: active }
  const cart = emptyCart(start)
  const insert = async (trx: Trx) => {
    await insertCarts(trx, [cart])
    await checkOwner(trx, cart, userId)
  }
  try {
    await (db.isTransaction ? insert(db as Trx) : inTransaction(db, insert))
    return { created: true, cart }
  } catch (error) {
    const other = isDuplicateKey(error) && (await findActiveCart(db, userId, currency))
    if (!other) throw error
    return { created: false, cart: other }
  }
}

/** Refuses to make a cart of more than it can hold. */
const checkSize = ({ cart, lines }: FoundCart) => {
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

/** The cart as it is after a change, which its version counts; its prices have been shown by then. */
export const applyChange = (
  cart: StoredCart,
  offers: Offers,
  change: Partial<StoredCart>,
  now: Date,
): { found: FoundCart; stored: StoredCart } => {
  const after = { ...cart, ...change, version: cart.version + 1, updatedAt: now }
  const found = { cart: after, lines: linesWith(after.lines, offers) }
  checkSize(found)
  return { found, stored: { ...after, lines: seenLines(found.lines, cart.currency) } }
}

const TRIES_WITHOUT_LOCK = 2

/** Changes an open cart by one guarded update, or throws the reason why not; returns it as it is then. One that
 * others change at the same time is locked at last, so that nobody tries for ever. `skus` are those that `decide`
 * needs beside the cart's. */
export const changeCart = async (
  { db, readCart, writeCart, readOffers, times }: CartAccess,
  { cartId, userId, check, now }: CartChange,
  skus: readonly string[],
  decide: Decide,
): Promise<FoundCart> => {
  /** Undefined where the cart has changed since it was read. */
  const changeOnce = async (
    write: CartAccess['writeCart'],
    read: StoredCart | undefined,
    offersOf: ReadOffers,
  ): Promise<FoundCart | undefined> => {
    const cart = openFor(read, userId, cartId)
    check(cart.version)
    const offers = await offersOf([...new Set([...skus, ...cart.lines.map(({ sku }) => sku)])])
    const change = decide(cart, offers)
    if (change === null) return { cart, lines: linesWith(cart.lines, offers) }
    const { found, stored } = applyChange(cart, offers, change, now)
    return (await write({ cart: stored, seenVersion: cart.version })) ? found : undefined
  }

  for (let tries = 0; tries < TRIES_WITHOUT_LOCK; tries++) {
    const found = await changeOnce(writeCart, await readCart(cartId), readOffers)
    if (found) return found
  }
  return inTransaction(db, async (trx) => {
    const found = await changeOnce(
      (write) => updateCart(trx, write, times),
      await lockCart(trx, cartId),
      (wanted) => listOffers(trx, wanted),
    )
    if (!found) throw new Error(`cart ${cartId} changed while it was locked`)
    return found
  })
}

import type { Promotion } from '@storewright/promotions/promotion'
import { createBatcher } from '@storewright/runtime/batching'
import type { Db } from '../database.ts'
import type { ReadOffers } from '../offers/offer-reader.ts'
import type { LimitReason } from '../pricing/price-order.ts'
import type { RatesReader } from '../rates/rates.ts'
import { linesWith, type CartLine } from './cart.ts'
import { findCarts, type CartTimes, type StoredCart } from './queries.ts'

export type ReadCart = (id: string) => Promise<StoredCart | undefined>

/** Which of these promotions their limits keep from applying, to this user or, without one, to anybody. */
export type ReadExhausted = (
  promotions: readonly Promotion[],
  userId: string | null,
) => Promise<ReadonlyMap<string, LimitReason>>

export interface CartAccess {
  db: Db
  readCart: ReadCart
  openGuestCart: (start: { currency: string; now: Date }) => Promise<StoredCart>
  readOffers: ReadOffers
  readExhausted: ReadExhausted
  rates: Pick<RatesReader, 'readRates' | 'readPromotionsByCode'>
  times: CartTimes
}

const ID = /^[\x21-\x7e]{1,64}$/

/** Reads the carts of concurrent requests in one statement, which no id can make fail for the others. */
export const createCartReader = (db: Db): ReadCart => {
  const readBatch = createBatcher(async (ids: string[]) => {
    const carts = await findCarts(db, [...new Set(ids)])
    const byId = new Map(carts.map((cart) => [cart.id, cart]))
    return ids.map((id) => byId.get(id))
  })
  return async (id) => (ID.test(id) ? readBatch(id) : undefined)
}

export const withOffers = async (
  readOffers: ReadOffers,
  cart: StoredCart,
): Promise<{ cart: StoredCart; lines: CartLine[] }> => ({
  cart,
  lines: linesWith(cart.lines, await readOffers(cart.lines.map(({ sku }) => sku))),
})

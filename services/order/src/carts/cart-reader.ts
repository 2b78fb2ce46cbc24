import type { Promotion } from '@storewright/promotions/promotion'
import { inTransaction } from '@storewright/database'
import { createBatcher, READ_WAIT_MS } from '@storewright/runtime/batching'
import type { Db } from '../database.ts'
import type { ReadOffers } from '../offers/offer-reader.ts'
import type { LimitReason } from '../pricing/price-order.ts'
import type { RatesReader } from '../rates/rates.ts'
import { linesWith, type CartLine } from './cart.ts'
import {
  findCarts,
  updateCart,
  updateFreeCarts,
  type CartTimes,
  type CartWrite,
  type StoredCart,
} from './queries.ts'

export type ReadCart = (id: string) => Promise<StoredCart | undefined>

/** Which of these promotions their limits keep from applying, to this user or, without one, to anybody. */
export type ReadExhausted = (
  promotions: readonly Promotion[],
  userId: string | null,
) => Promise<ReadonlyMap<string, LimitReason>>

export interface CartAccess {
  db: Db
  readCart: ReadCart
  /** False where the cart has changed since it was seen. */
  writeCart: (write: CartWrite) => Promise<boolean>
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

export const WRITES = { waitMs: READ_WAIT_MS, lingerMs: 20 }

// What is larger goes by itself, so that a statement stays small.
const MAX_SHARED_LINES = 50

/** Writes the carts of concurrent requests in one transaction; one that others hold, or that fails, goes by itself. */
export const createCartWriter = (db: Db, times: CartTimes): CartAccess['writeCart'] => {
  const writeAlone = (write: CartWrite) => updateCart(db, write, times)
  const writeBatch = createBatcher(async (writes: CartWrite[]): Promise<(() => Promise<boolean>)[]> => {
    const [only, ...others] = writes
    if (only && others.length === 0) {
      const written = await writeAlone(only)
      return [() => Promise.resolve(written)]
    }
    const firsts = new Map(writes.toReversed().map((write) => [write.cart.id, write]))
    const shared = [...firsts.values()]
    const written = await inTransaction(db, (trx) => updateFreeCarts(trx, shared, times)).catch(() => null)
    return writes.map((write) => {
      const isWritten = written?.has(write.cart.id) === true && firsts.get(write.cart.id) === write
      return isWritten ? () => Promise.resolve(true) : () => writeAlone(write)
    })
  }, WRITES)
  return async (write) =>
    write.cart.lines.length > MAX_SHARED_LINES ? writeAlone(write) : (await writeBatch(write))()
}

export const withOffers = async (
  readOffers: ReadOffers,
  cart: StoredCart,
): Promise<{ cart: StoredCart; lines: CartLine[] }> => ({
  cart,
  lines: linesWith(cart.lines, await readOffers(cart.lines.map(({ sku }) => sku))),
})

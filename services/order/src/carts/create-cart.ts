import { randomUUID } from 'node:crypto'
import type { Db, Trx } from '../database.ts'
import type { FoundCart } from './change-cart.ts'
import { insertCart } from './queries.ts'

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

import { idempotent, inTransaction } from '@storewright/database'
import { randomUUID } from 'node:crypto'
import type { Db } from '../database.ts'
import type { FoundCart } from './change-cart.ts'
import { findCart, insertCart } from './queries.ts'

export interface NewCart {
  userId: string | null
  currency: string
  /** The client's Idempotency-Key, which counts for users only: guests cannot be distinguished. */
  key: string | undefined
  body: unknown
  now: Date
}

/** Starts an empty cart. Its id is a guest's only key to it, so it is random and not made of the time. */
export const createCart = async (
  db: Db,
  { userId, currency, key, body, now }: NewCart,
): Promise<FoundCart & { replayed: boolean; status: number }> => {
  const id: string = randomUUID()
  const created: FoundCart = {
    cart: {
      id,
      userId,
      currency,
      status: 'open',
      orderId: null,
      mergedInto: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    },
    lines: [],
  }
  if (userId === null || key === undefined) {
    await insertCart(db, created.cart)
    return { ...created, replayed: false, status: 201 }
  }
  const outcome = await inTransaction(db, (trx) =>
    idempotent(trx, { scope: `createCart|${userId}`, key, body }, async () => {
      await insertCart(trx, created.cart)
      return { status: 201, resourceId: id }
    }),
  )
  const found = outcome.replayed ? await findCart(db, outcome.resourceId) : created
  if (!found) throw new Error(`cart ${outcome.resourceId} vanished`)
  return { ...found, ...outcome }
}

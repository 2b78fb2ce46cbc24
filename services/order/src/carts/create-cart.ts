import { idempotent, inTransaction } from '@storewright/database'
import { randomUUID } from 'node:crypto'
import type { Db } from '../database.ts'
import { insertCart } from './queries.ts'

export interface NewCart {
  userId: string | null
  currency: string
  /** The client's Idempotency-Key, which counts for users only: guests have nothing to tell them apart by. */
  key: string | undefined
  body: unknown
  now: Date
}

/** Starts an empty cart. Its id is a guest's only key to it, so it is random and not made of the time. */
export const createCart = async (db: Db, { userId, currency, key, body, now }: NewCart) => {
  const id: string = randomUUID()
  const cart = { id, userId, currency, now }
  if (userId === null || key === undefined) {
    await insertCart(db, cart)
    return { replayed: false, status: 201, resourceId: id }
  }
  return inTransaction(db, (trx) =>
    idempotent(trx, { scope: `createCart|${userId}`, key, body }, async () => {
      await insertCart(trx, cart)
      return { status: 201, resourceId: id }
    }),
  )
}

import { createHash } from 'node:crypto'
import { CartAbandoned, CartActivity } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import type { Logger } from '@storewright/service-kit/run'
import type { Db } from '../database.ts'
import { money } from '../pricing/totals.ts'
import {
  clearActivity,
  deleteExpired,
  lockCartsToBeAbandoned,
  lockCartsWithActivity,
  markAbandoned,
  postponeAbandonment,
  type DueCart,
} from './job-queries.ts'

/** How often a cart's activity is reported at most. */
const ACTIVITY_SECONDS = 10

const stateOf = ({ id, userId, currency, lines, updatedAt }: DueCart) => ({
  // Whoever has the id of a guest's cart has the cart.
  cartKey: createHash('sha256').update(id).digest('hex'),
  userId,
  currency,
  lines: lines.map(({ sku, quantity, seenPriceMinor }) => ({
    sku,
    quantity,
    unitPrice: money(seenPriceMinor, currency),
  })),
  changedAt: updatedAt.toISOString(),
})

const idsOf = (carts: readonly DueCart[]) => carts.map(({ id }) => id)

/** Emits CartActivity for some carts that were changed; returns how many. */
export const reportActivity = (db: Db): Promise<number> =>
  inTransaction(db, async (trx) => {
    const carts = await lockCartsWithActivity(trx, ACTIVITY_SECONDS)
    if (carts.length === 0) return 0
    await clearActivity(trx, idsOf(carts))
    for (const cart of carts) await emit(trx, CartActivity, { stream: 'cart-activity', ...stateOf(cart) })
    return carts.length
  })

/** Emits CartAbandoned, once for each, for some carts that nobody has changed for so long; returns how many it looked at. */
export const reportAbandoned = (db: Db, afterMinutes: number, now: Date): Promise<number> =>
  inTransaction(db, async (trx) => {
    const carts = await lockCartsToBeAbandoned(trx)
    const [rested = [], changed = []] = [true, false].map((wanted) =>
      carts.filter(
        ({ updatedAt }) => now.getTime() - updatedAt.getTime() >= afterMinutes * 60_000 === wanted,
      ),
    )
    if (changed.length > 0) await postponeAbandonment(trx, idsOf(changed), afterMinutes)
    if (rested.length > 0) await markAbandoned(trx, idsOf(rested), now)
    for (const cart of rested) await emit(trx, CartAbandoned, { stream: 'cart-abandoned', ...stateOf(cart) })
    return carts.length
  })

export const deleteExpiredCarts = async (db: Db, signal?: AbortSignal): Promise<void> => {
  while (!signal?.aborted && (await inTransaction(db, deleteExpired))) continue
}

/** Reports what happens to carts, and deletes those that have expired, in every replica. */
export const createCartJob = ({
  db,
  abandonedAfterMinutes,
  intervalMs,
  clock,
  logger,
}: {
  db: Db
  abandonedAfterMinutes: number
  intervalMs: number
  clock: () => Date
  logger: Logger
}) =>
  createPeriodicJob({
    name: 'reports and expiry of carts',
    intervalMs,
    run: async (signal) => {
      while (!signal.aborted && (await reportActivity(db)) > 0) continue
      while (!signal.aborted && (await reportAbandoned(db, abandonedAfterMinutes, clock())) > 0) continue
      await deleteExpiredCarts(db, signal)
    },
    logger,
  })

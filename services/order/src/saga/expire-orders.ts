import { inTransaction } from '@storewright/database'
import type { Db } from '../database.ts'
import type { Signals } from '../signals.ts'
import { cancelOrders } from './cancel-orders.ts'
import { lockOrders } from './lock-orders.ts'
import { lockOverdue } from './queries.ts'

const summaries: Record<string, string> = {
  pending: 'The stock could not be checked in time.',
  awaiting_payment: 'The order was not paid in time.',
}

/**
 * Cancels open orders whose deadline has passed; returns how many. The lock decides the race with a payment's
 * outcome: whoever has it first, the other finds the order confirmed or cancelled.
 */
export const expireOrders = (
  db: Db,
  { signals, now, limit = 100 }: { signals: Signals; now: Date; limit?: number },
): Promise<number> =>
  inTransaction(db, async (trx) => {
    const overdue = await lockOverdue(trx, now, limit)
    const ids = overdue.map(({ id }) => id).sort()
    const orderOf = await lockOrders(trx, ids)
    await cancelOrders(
      trx,
      ids.map(orderOf).map((order) => ({
        order,
        reason: 'expired',
        by: 'system',
        summary: summaries[order.status] ?? 'The order expired.',
        cause: { correlationId: order.correlationId },
      })),
      { signals, now },
    )
    return ids.length
  })

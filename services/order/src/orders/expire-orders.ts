import { inTransaction, purgeIdempotencyKeys } from '@storewright/database'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import type { Logger } from '@storewright/service-kit/run'
import type { Db } from '../database.ts'
import { cancelOrders } from './cancel-orders.ts'
import { lockOverdue } from './transition-queries.ts'
import { lockAndIndexOrders, type StepContext } from './transition.ts'

const MAX_PER_COMMIT = 100

const summaries: Record<string, string> = {
  pending: 'The stock could not be checked in time.',
  awaiting_payment: 'The order was not paid in time.',
}

/** Cancels open orders whose deadline has passed, a bounded number; returns how many. The lock decides the race with
 * a payment's outcome: whoever has it first, the other finds the order confirmed or cancelled. */
export const expireOrders = (db: Db, context: StepContext): Promise<number> =>
  inTransaction(db, async (trx) => {
    const overdue = await lockOverdue(trx, context.now, MAX_PER_COMMIT)
    const ids = overdue.map(({ id }) => id).sort()
    const orderOf = await lockAndIndexOrders(trx, ids)
    await cancelOrders(
      trx,
      ids.map(orderOf).map((order) => ({
        order,
        reason: 'expired',
        by: 'system',
        summary: summaries[order.status] ?? 'The order expired.',
        cause: { correlationId: order.correlationId },
      })),
      context,
    )
    return ids.length
  })

/** Keeps the deadlines, in every replica. */
export const createExpiryJob = ({
  db,
  stepContext,
  intervalMs,
  logger,
}: {
  db: Db
  stepContext: () => StepContext
  intervalMs: number
  logger: Logger
}) =>
  createPeriodicJob({
    name: 'expiry of orders',
    intervalMs,
    run: async () => {
      for (let expired = -1; expired !== 0;) {
        expired = await expireOrders(db, stepContext())
        if (expired > 0) logger.info({ expired }, 'cancelled orders past their deadline')
      }
      await purgeIdempotencyKeys(db)
    },
    logger,
  })

import { DatabaseUnavailable, inTransaction, purgeIdempotencyKeys } from '@storewright/database'
import { createPeriodicJob, type JobLogger } from '@storewright/runtime/jobs'
import type { Logger } from '@storewright/service-kit/run'
import type { Db } from '../database.ts'
import { cancelOrders } from './cancel-orders.ts'
import { lockOverdue } from './expiry-queries.ts'
import { lockAndIndexOrders, type StepContext } from './transition.ts'

const MAX_PER_COMMIT = 100

const summaries: Record<string, string> = {
  pending: 'The stock could not be checked in time.',
  awaiting_payment: 'The order was not paid in time.',
}

interface Round {
  limit: number
  /** Orders that could not be cancelled. */
  except: readonly string[]
  onLocked: (ids: readonly string[]) => void
}

/** Cancels open orders whose deadline has passed, a bounded number; returns how many. The lock decides the race with
 * a payment's outcome: whoever has it first, the other finds the order confirmed or cancelled. */
const expireSome = (db: Db, context: StepContext, { limit, except, onLocked }: Round): Promise<number> =>
  inTransaction(db, async (trx) => {
    const overdue = await lockOverdue(trx, context.now, { limit, except })
    const ids = overdue.map(({ id }) => id).sort()
    onLocked(ids)
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

/** As many as there are; returns how many. One that cannot be cancelled keeps no other from it. */
export const expireOrders = async (db: Db, stepContext: () => StepContext, logger: JobLogger) => {
  const except: string[] = []
  let expired = 0
  for (let limit = MAX_PER_COMMIT; except.length < MAX_PER_COMMIT;) {
    let locked: readonly string[] = []
    try {
      const some = await expireSome(db, stepContext(), { limit, except, onLocked: (ids) => (locked = ids) })
      if (some === 0) break
      expired += some
    } catch (error) {
      const [id] = locked
      if (id === undefined || error instanceof DatabaseUnavailable) throw error
      if (locked.length === 1) {
        except.push(id)
        logger.error({ err: error, orderId: id }, 'an order past its deadline could not be cancelled')
      }
      limit = 1
    }
  }
  return expired
}

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
      try {
        const expired = await expireOrders(db, stepContext, logger)
        if (expired > 0) logger.info({ expired }, 'cancelled orders past their deadline')
      } finally {
        await purgeIdempotencyKeys(db)
      }
    },
    logger,
  })

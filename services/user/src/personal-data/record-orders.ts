import type { Envelope, OrderCancelled, OrderPlaced } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { insertHeardActivities, lockLivingAccounts, type HeardActivity } from './order-queries.ts'

/** Only accounts that live: the person behind an erased one must not come back with a late event. */
const record = async (trx: Trx, heard: readonly HeardActivity[]) => {
  if (heard.length === 0) return
  const living = new Set(
    await lockLivingAccounts(
      trx,
      heard.map(({ userId }) => userId),
    ),
  )
  const activities = heard.filter(({ userId }) => living.has(userId))
  if (activities.length > 0) await insertHeardActivities(trx, activities)
}

/** Puts orders on their customers' timelines; guests have none. */
export const recordPlacedOrders = (trx: Trx, events: readonly Envelope<OrderPlaced>[]) =>
  record(
    trx,
    events.flatMap(({ id, data: { userId, orderId, number, placedAt } }) =>
      userId === null
        ? []
        : [
            {
              id,
              userId,
              type: 'order-placed' as const,
              at: new Date(placedAt),
              details: { orderId, number },
            },
          ],
    ),
  )

/** Puts cancellations on the timelines of whose orders they were. */
export const recordCancelledOrders = (trx: Trx, events: readonly Envelope<OrderCancelled>[]) =>
  record(
    trx,
    events.flatMap(({ id, time, data: { userId, orderId, number, reason } }) =>
      userId === null || userId === undefined
        ? []
        : [
            {
              id,
              userId,
              type: 'order-cancelled' as const,
              at: new Date(time),
              details: { orderId, ...(number === undefined ? {} : { number }), reason },
            },
          ],
    ),
  )

import { OrderCancelled, OrderPlaced, type Envelope } from '@storewright/contracts'
import { onBatch } from '@storewright/messaging'
import type { Trx } from '../database.ts'
import type { ActivityType } from './activity.ts'
import { insertNewActivities, lockExistingAccounts } from './queries.ts'

interface OrderActivity {
  /** The event's id: recorded once, however often the event is delivered. */
  id: string
  userId: string
  type: ActivityType
  at: Date
  details: Record<string, string>
}

/** Skips erased accounts: a late event must not bring a person's data back. */
const recordOrders = async (trx: Trx, activities: readonly OrderActivity[]) => {
  if (activities.length === 0) return
  const userIds = activities.map(({ userId }) => userId)
  const existing = new Set(await lockExistingAccounts(trx, userIds))
  const rows = activities
    .filter(({ userId }) => existing.has(userId))
    .map(({ id, userId, type, at, details }) => ({
      ...{ id, user_id: userId, type, at, by_user_id: null, address: null, device: null },
      details: JSON.stringify(details),
    }))
  if (rows.length > 0) await insertNewActivities(trx, rows)
}

/** Puts orders on their customers' timelines; guests have none. */
export const recordPlacedOrders = (trx: Trx, events: readonly Envelope<OrderPlaced>[]) =>
  recordOrders(
    trx,
    events.flatMap(({ id, data: { userId, orderId, number, placedAt } }) => {
      if (userId === null) return []
      return [{ id, userId, type: 'order-placed', at: new Date(placedAt), details: { orderId, number } }]
    }),
  )

const recordCancelledOrders = (trx: Trx, events: readonly Envelope<OrderCancelled>[]) =>
  recordOrders(
    trx,
    events.flatMap(({ id, time, data: { userId, orderId, number, reason } }) => {
      if (userId === null || userId === undefined) return []
      const details = { orderId, ...(number === undefined ? {} : { number }), reason }
      return [{ id, userId, type: 'order-cancelled', at: new Date(time), details }]
    }),
  )

export const orderActivitySubscriptions = [
  onBatch(OrderPlaced, (trx: Trx, events) => recordPlacedOrders(trx, events)),
  onBatch(OrderCancelled, (trx: Trx, events) => recordCancelledOrders(trx, events)),
]

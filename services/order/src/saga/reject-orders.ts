import { OrderRejected, type Envelope, type StockRejected } from '@storewright/contracts'
import { causedBy, emitFor } from '../cause.ts'
import type { Trx } from '../database.ts'
import { onStockRejected } from '../orders/order.ts'
import type { Signals } from '../signals.ts'
import { recordSteps } from '../timeline/record-steps.ts'
import { cancelOrders } from './cancel-orders.ts'
import { lockOrders } from './lock-orders.ts'
import { findShipmentUnderWay, markRejected } from './queries.ts'

const REASON = 'insufficient-stock'

const summaryOf = (shortages: StockRejected['shortages']) => {
  const skus = shortages.map(({ sku, wanted, available }) => `${sku} (${available} of ${wanted})`)
  const more = skus.length > 5 ? `, and ${skus.length - 5} more` : ''
  return `Not enough stock: ${skus.slice(0, 5).join(', ')}${more}.`.slice(0, 500)
}

/** Stock was short: new orders are rejected; a hold that turns out to be gone cancels, and gives the money back. */
export const rejectOrders = async (
  trx: Trx,
  events: readonly Envelope<StockRejected>[],
  { signals, now }: { signals: Signals; now: Date },
) => {
  const orderOf = await lockOrders(
    trx,
    events.map(({ data }) => data.orderId),
  )
  const perOrder = new Map(events.map((event) => [event.data.orderId, event]))
  const decided = (what: 'reject' | 'cancel') =>
    [...perOrder.values()].filter(({ data }) => onStockRejected(orderOf(data.orderId).status) === what)

  const rejected = decided('reject')
  const cancelled = decided('cancel')
  if (rejected.length > 0) {
    await markRejected(
      trx,
      rejected.map(({ data }) => ({ id: data.orderId, shortages: JSON.stringify(data.shortages) })),
      REASON,
    )
    await recordSteps(
      trx,
      rejected.map(({ data, correlationId }) => ({
        orderId: data.orderId,
        type: OrderRejected.type,
        by: 'system' as const,
        summary: summaryOf(data.shortages),
        correlationId,
      })),
      now,
    )
    for (const event of rejected) {
      const { orderId, shortages } = event.data
      await emitFor(trx, causedBy(event), OrderRejected, { orderId, reason: REASON, shortages })
    }
    signals.ordersSettled(
      trx,
      rejected.map(({ data }) => data.orderId),
    )
  }
  if (cancelled.length === 0) return
  const under = await findShipmentUnderWay(
    trx,
    cancelled.map(({ data }) => data.orderId),
  )
  // Its money is being taken right now: the retry finds it settled.
  if (under) throw new Error(`shipment ${under.id} is under way`)
  await cancelOrders(
    trx,
    cancelled.map((event) => ({
      order: orderOf(event.data.orderId),
      reason: REASON,
      by: 'system',
      summary: summaryOf(event.data.shortages),
      cause: causedBy(event),
    })),
    { signals, now },
  )
}

import type { Envelope, StockReleased } from '@storewright/contracts'
import { causedBy } from '../cause.ts'
import type { Trx } from '../database.ts'
import { onStockReleased } from '../orders/order.ts'
import type { Signals } from '../signals.ts'
import { cancelOrders } from './cancel-orders.ts'
import { lockOrders } from './lock-orders.ts'

/**
 * Inventory let go of stock. That follows from our own cancellation, or from its net for holds that nobody
 * ended: then an order that is not paid for ends here. A confirmed one is inventory's to hold again.
 */
export const releaseOrders = async (
  trx: Trx,
  events: readonly Envelope<StockReleased>[],
  { signals, now }: { signals: Signals; now: Date },
) => {
  const orderOf = await lockOrders(
    trx,
    events.map(({ data }) => data.orderId),
  )
  const expired = new Map(
    events
      .filter(({ data }) => onStockReleased(orderOf(data.orderId).status, data.reason) === 'cancel')
      .map((event) => [event.data.orderId, event]),
  )
  await cancelOrders(
    trx,
    [...expired.values()].map((event) => ({
      order: orderOf(event.data.orderId),
      reason: 'hold-expired',
      by: 'system',
      summary: 'The stock was held for too long without a payment.',
      cause: causedBy(event),
    })),
    { signals, now },
  )
}

import type { StockReleased } from '@storewright/contracts'
import { causedBy } from '../correlation.ts'
import { cancelOrders } from './cancel-orders.ts'
import { onStockReleased } from './order.ts'
import { lockOrdersOf, type HandleEvents } from './transition.ts'

/** An expired hold cancels an unpaid order; a confirmed one is inventory's to reserve again. */
export const handleStockReleased: HandleEvents<StockReleased> = async (trx, events, context) => {
  const orderOf = await lockOrdersOf(trx, events)
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
    context,
  )
}

import {
  OrderCancelled,
  OrderConfirmed,
  OrderRejected,
  OrderShipped,
  PaymentFailed,
  StockRejected,
  StockReleased,
  StockReserved,
} from '@storewright/contracts'
import { onBatch, onEveryReplica } from '@storewright/messaging'
import type { Trx } from '../database.ts'
import type { OrderNotifier } from '../order-notifier.ts'
import { handleStockRejected } from './handle-stock-rejected.ts'
import { handleStockReleased } from './handle-stock-released.ts'
import { handleStockReserved } from './handle-stock-reserved.ts'
import type { StepContext } from './transition.ts'

/** Inventory's answers; within a batch they run in this order. */
export const orderSubscriptions = (stepContext: () => StepContext, holdTtlMs: number) => [
  onBatch(StockReserved, (trx: Trx, events) =>
    handleStockReserved(trx, events, { ...stepContext(), holdTtlMs }),
  ),
  onBatch(StockRejected, (trx: Trx, events) => handleStockRejected(trx, events, stepContext())),
  onBatch(StockReleased, (trx: Trx, events) => handleStockReleased(trx, events, stepContext())),
]

/** Notifies the requests that wait here for what another replica committed. */
export const orderBroadcasts = ({ notifyOrder }: OrderNotifier) => {
  const notify = ({ data }: { data: { orderId: string } }) => notifyOrder(data.orderId)
  return [
    onEveryReplica(OrderConfirmed, notify),
    onEveryReplica(OrderRejected, notify),
    onEveryReplica(OrderCancelled, notify),
    onEveryReplica(PaymentFailed, notify),
    onEveryReplica(OrderShipped, notify),
  ]
}

import {
  OrderCancelled,
  OrderConfirmed,
  OrderRejected,
  OrderShipped,
  PaymentFailed,
  ProductChanged,
  PromotionChanged,
  StockRejected,
  StockReleased,
  StockReserved,
  StockStatusChanged,
  UserErased,
} from '@storewright/contracts'
import { on, onBatch, onEveryReplica } from '@storewright/messaging'
import type { Trx } from './database.ts'
import { applyProducts, applyStockStatuses } from './offers/apply-events.ts'
import type { OrderNotifier } from './order-notifier.ts'
import { handleStockRejected } from './orders/handle-stock-rejected.ts'
import { handleStockReleased } from './orders/handle-stock-released.ts'
import { handleStockReserved } from './orders/handle-stock-reserved.ts'
import type { StepContext } from './orders/transition.ts'
import { erasePerson } from './personal-data/erase-person.ts'
import { applyPromotions } from './promotions/apply-promotions.ts'

/** Every event that the service consumes, by group. Within a batch the subscriptions run in this order. */
export const subscriptions = (stepContext: () => StepContext, holdTtlMs: number) => ({
  'order.inventory-events': [
    onBatch(StockReserved, (trx: Trx, events) =>
      handleStockReserved(trx, events, { ...stepContext(), holdTtlMs }),
    ),
    onBatch(StockRejected, (trx: Trx, events) => handleStockRejected(trx, events, stepContext())),
    onBatch(StockReleased, (trx: Trx, events) => handleStockReleased(trx, events, stepContext())),
    onBatch(StockStatusChanged, applyStockStatuses, { replays: true }),
  ],
  'order.catalog-events': [
    onBatch(ProductChanged, applyProducts, { replays: true }),
    onBatch(PromotionChanged, applyPromotions, { replays: true }),
  ],
  'order.user-events': [on(UserErased, (trx: Trx, event) => erasePerson(trx, event, stepContext().now))],
})

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

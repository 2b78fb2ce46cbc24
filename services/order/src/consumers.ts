import {
  OrderCancelled,
  OrderConfirmed,
  OrderRejected,
  OrderShipped,
  PaymentFailed,
  ProductChanged,
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

/** Every event that the service consumes. Within a batch the subscriptions of a group run in this order. */
export const consumedGroups = (stepContext: () => StepContext, holdTtlMs: number) => [
  {
    group: 'order.inventory-events' as const,
    subscriptions: [
      onBatch(StockReserved, (trx: Trx, events) =>
        handleStockReserved(trx, events, { ...stepContext(), holdTtlMs }),
      ),
      onBatch(StockRejected, (trx: Trx, events) => handleStockRejected(trx, events, stepContext())),
      onBatch(StockReleased, (trx: Trx, events) => handleStockReleased(trx, events, stepContext())),
      onBatch(StockStatusChanged, applyStockStatuses),
    ],
  },
  { group: 'order.catalog-events' as const, subscriptions: [onBatch(ProductChanged, applyProducts)] },
  {
    group: 'order.user-events' as const,
    subscriptions: [on(UserErased, (trx: Trx, event) => erasePerson(trx, event, stepContext().now))],
  },
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

import {
  AccountContactChanged,
  CategoryChanged,
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
import { afterCommit } from '@storewright/database'
import { on, onBatch, onEveryReplica } from '@storewright/messaging'
import { applyContacts } from './contacts/contacts.ts'
import type { Trx } from './database.ts'
import { applyProducts, applyStockStatuses } from './offers/apply-events.ts'
import type { OfferReader } from './offers/offer-reader.ts'
import type { OrderNotifier } from './order-notifier.ts'
import { handleStockRejected } from './orders/handle-stock-rejected.ts'
import { handleStockReleased } from './orders/handle-stock-released.ts'
import { handleStockReserved } from './orders/handle-stock-reserved.ts'
import type { StepContext } from './orders/transition.ts'
import type { DeclineLimit } from './payments/decline-limit.ts'
import { erasePerson } from './personal-data/erase-person.ts'
import { applyPromotions } from './promotions/apply-promotions.ts'
import { applyCategories } from './rates/apply-categories.ts'

/** Applies events to the offers; what this process remembers of them is read anew. */
const toOffers =
  <Event>(apply: (trx: Trx, events: readonly Event[]) => Promise<unknown>, offers: OfferReader) =>
  async (trx: Trx, events: readonly Event[]) => {
    afterCommit(trx, offers.beginChange())
    await apply(trx, events)
  }

/** Every event that the service consumes, by group. Within a batch the subscriptions run in this order. */
export const subscriptions = (stepContext: () => StepContext, holdTtlMs: number, offers: OfferReader) => ({
  'order.inventory-events': [
    onBatch(StockReserved, (trx: Trx, events) =>
      handleStockReserved(trx, events, { ...stepContext(), holdTtlMs }),
    ),
    onBatch(StockRejected, (trx: Trx, events) => handleStockRejected(trx, events, stepContext())),
    onBatch(StockReleased, (trx: Trx, events) => handleStockReleased(trx, events, stepContext())),
    onBatch(StockStatusChanged, toOffers(applyStockStatuses, offers), { replays: true }),
  ],
  'order.catalog-events': [
    onBatch(ProductChanged, toOffers(applyProducts, offers), { replays: true }),
    onBatch(CategoryChanged, applyCategories, { replays: true }),
    onBatch(PromotionChanged, applyPromotions, { replays: true }),
  ],
  'order.user-events': [
    onBatch(AccountContactChanged, applyContacts, { replays: true }),
    on(UserErased, (trx: Trx, event) => erasePerson(trx, event, stepContext().now)),
  ],
})

/** Notifies the requests that wait here for what another replica committed, and counts declined payments. */
export const orderBroadcasts = ({ notifyOrder }: OrderNotifier, { countFailure }: DeclineLimit) => {
  const notify = ({ data }: { data: { orderId: string } }) => notifyOrder(data.orderId)
  return [
    onEveryReplica(OrderConfirmed, notify),
    onEveryReplica(OrderRejected, notify),
    onEveryReplica(OrderCancelled, notify),
    onEveryReplica(PaymentFailed, ({ data }) => {
      countFailure(data)
      notifyOrder(data.orderId)
    }),
    onEveryReplica(OrderShipped, notify),
  ]
}

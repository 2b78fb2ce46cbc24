import type { EventContract } from './event.ts'
import * as catalog from './events/catalog.ts'
import * as inventory from './events/inventory.ts'
import * as notification from './events/notification.ts'
import * as order from './events/order.ts'
import * as user from './events/user.ts'

export const contractsByOwner: Readonly<Record<string, Record<string, EventContract>>> = {
  user,
  catalog,
  inventory,
  order,
  notification,
}

export const contracts: ReadonlyMap<string, EventContract> = new Map(
  Object.values(contractsByOwner)
    .flatMap((events) => Object.values(events))
    .map((contract): [string, EventContract] => [contract.type, contract]),
)

export const EVENTS_EXCHANGE = 'storewright.events'

/** What each consumer group consumes, a quorum queue each. Every service declares all, so that no event is unroutable. */
export const consumerGroups = {
  'inventory.order-events': [
    order.OrderPlaced,
    order.OrderConfirmed,
    order.OrderCancelled,
    order.OrderShipped,
  ],
  'inventory.catalog-events': [catalog.ProductChanged],
  'order.inventory-events': [
    inventory.StockReserved,
    inventory.StockRejected,
    inventory.StockReleased,
    inventory.StockStatusChanged,
  ],
  'order.catalog-events': [catalog.ProductChanged, catalog.CategoryChanged, catalog.PromotionChanged],
  'catalog.inventory-events': [inventory.StockStatusChanged],
  'catalog.order-events': [order.OrderConfirmed],
  'order.user-events': [user.AccountContactChanged, user.UserErased],
  'notification.user-events': [
    user.EmailVerificationRequested,
    user.PasswordResetRequested,
    user.PasswordChanged,
    user.EmailChanged,
    user.UserErased,
  ],
  'user.order-events': [order.OrderPlaced, order.OrderCancelled, order.OrderPersonalDataErased],
  'user.notification-events': [notification.NotificationPersonalDataErased],
} as const satisfies Record<string, readonly EventContract[]>

export type ConsumerGroup = keyof typeof consumerGroups

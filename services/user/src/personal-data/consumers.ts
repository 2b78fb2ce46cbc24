import {
  NotificationPersonalDataErased,
  OrderCancelled,
  OrderPersonalDataErased,
  OrderPlaced,
} from '@storewright/contracts'
import { on, onBatch } from '@storewright/messaging'
import type { Trx } from '../database.ts'
import { recordCancelledOrders, recordPlacedOrders } from './record-orders.ts'
import { recordReceipt } from './record-receipt.ts'

/** What the order service says: what happened to a customer's orders, and that it has forgotten somebody. */
export const orderSubscriptions = [
  onBatch(OrderPlaced, (trx: Trx, events) => recordPlacedOrders(trx, events)),
  onBatch(OrderCancelled, (trx: Trx, events) => recordCancelledOrders(trx, events)),
  on(OrderPersonalDataErased, (trx: Trx, { data }) => recordReceipt(trx, 'order', data, new Date())),
]

/** The notification service has forgotten somebody. */
export const notificationSubscriptions = [
  on(NotificationPersonalDataErased, (trx: Trx, { data }) =>
    recordReceipt(trx, 'notification', data, new Date()),
  ),
]

import {
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderShipped,
  ProductChanged,
} from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import { onBatch } from '@storewright/messaging'
import type { Database } from './database.ts'
import { commitStock } from './reservations/commit-stock.ts'
import { confirmReservations } from './reservations/confirm-reservation.ts'
import { cancelReservations } from './reservations/release-stock.ts'
import { reserveStock } from './reservations/reserve-stock.ts'
import type { Settings } from './settings.ts'
import { knowProducts } from './stock/know-products.ts'

type T = Trx<Database>

/** Causes before consequences: the order in which a batch is worked off. */
export const orderSubscriptions = (settings: Settings) => [
  onBatch(OrderPlaced, (trx: T, events) => reserveStock(trx, events, settings)),
  onBatch(OrderConfirmed, (trx: T, events) => confirmReservations(trx, events, settings)),
  onBatch(OrderShipped, (trx: T, events) => commitStock(trx, events, settings)),
  onBatch(OrderCancelled, (trx: T, events) => cancelReservations(trx, events, settings)),
]

export const catalogSubscriptions = [onBatch(ProductChanged, (trx: T, events) => knowProducts(trx, events))]

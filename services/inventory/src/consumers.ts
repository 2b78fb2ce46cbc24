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
import { cancelReservations } from './reservations/cancel-reservations.ts'
import { confirmReservations, reserveStock } from './reservations/reserve-stock.ts'
import type { Settings } from './config.ts'
import { registerSkus } from './stock/resolve-skus.ts'
import { copyPrices } from './suggestions/copy-prices.ts'

type T = Trx<Database>

/** Handled in this order within a batch: OrderPlaced comes before the events that depend on it. */
export const orderSubscriptions = (settings: Settings) => [
  onBatch(OrderPlaced, (trx: T, events) => reserveStock(trx, events, settings)),
  onBatch(OrderConfirmed, (trx: T, events) => confirmReservations(trx, events, settings)),
  onBatch(OrderShipped, (trx: T, events) => commitStock(trx, events, settings)),
  onBatch(OrderCancelled, (trx: T, events) => cancelReservations(trx, events, settings)),
]

export const catalogSubscriptions = [
  onBatch(
    ProductChanged,
    async (trx: T, events) => {
      await registerSkus(trx, events)
      await copyPrices(trx, events)
    },
    { replays: true },
  ),
]

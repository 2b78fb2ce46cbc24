import { OrderConfirmed, StockStatusChanged } from '@storewright/contracts'
import { onBatch } from '@storewright/messaging'
import type { Trx } from '../database.ts'
import { applyStockStatus } from './apply-stock-status.ts'
import { countSales } from './popularity.ts'

export const stockSubscriptions = [
  onBatch(StockStatusChanged, (trx: Trx, events) => applyStockStatus(trx, events)),
]

export const orderSubscriptions = [onBatch(OrderConfirmed, (trx: Trx, events) => countSales(trx, events))]

import type { Envelope, StockStatusChanged } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { newestPerSubject } from './newest.ts'
import { upsertStockStatuses } from './queries.ts'

/** Keeps what inventory last said of each SKU, for notices and for when inventory cannot be asked. */
export const applyStockStatuses = (trx: Trx, events: readonly Envelope<StockStatusChanged>[]) =>
  upsertStockStatuses(
    trx,
    newestPerSubject(events).map(({ data, aggregateVersion }) => ({
      sku: data.sku,
      version: aggregateVersion,
      status: data.status,
      available: data.available,
    })),
  )

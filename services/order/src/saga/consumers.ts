import { StockRejected, StockReleased, StockReserved } from '@storewright/contracts'
import { onBatch } from '@storewright/messaging'
import type { Trx } from '../database.ts'
import type { Signals } from '../signals.ts'
import { rejectOrders } from './reject-orders.ts'
import { releaseOrders } from './release-orders.ts'
import { reserveOrders } from './reserve-orders.ts'

/** Inventory's answers, causes before consequences. */
export const sagaSubscriptions = (when: { holdTtlMs: number; signals: Signals; clock: () => Date }) => [
  onBatch(StockReserved, (trx: Trx, events) => reserveOrders(trx, events, { ...when, now: when.clock() })),
  onBatch(StockRejected, (trx: Trx, events) => rejectOrders(trx, events, { ...when, now: when.clock() })),
  onBatch(StockReleased, (trx: Trx, events) => releaseOrders(trx, events, { ...when, now: when.clock() })),
]

import type { Envelope, OrderConfirmed } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import type { Db, Trx } from '../database.ts'
import { indexPopularity } from '../search/index-documents.ts'
import { addSales, clearDirty, listDirtyProducts, sumSales, writePopularity } from './queries.ts'

/** Counts the units that confirmed orders sold, per SKU. */
export const countSales = async (trx: Trx, events: Envelope<OrderConfirmed>[]) => {
  const sold = new Map<string, number>()
  for (const { data } of events)
    for (const { sku, quantity } of data.lines) sold.set(sku, (sold.get(sku) ?? 0) + quantity)
  await addSales(
    trx,
    [...sold].sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

const BATCH = 200

/** Carries new sales over to products and listings, a batch at a time; true while there may be more. */
export const updatePopularity = (db: Db): Promise<boolean> =>
  inTransaction(db, async (trx) => {
    const dirty = await listDirtyProducts(trx, BATCH)
    if (dirty.length === 0) return false
    // Cleared before summing: an order that counts in between marks its SKU again.
    await clearDirty(
      trx,
      dirty.map(({ sku }) => sku),
    )
    const sums = await sumSales(trx, [...new Set(dirty.map(({ productId }) => productId))])
    await writePopularity(trx, sums)
    await indexPopularity(trx, sums)
    return dirty.length === BATCH
  })

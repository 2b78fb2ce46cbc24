import type { Envelope, StockStatusChanged } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { lockProducts } from './load-products.ts'
import type { Product } from './product.ts'
import { listOwners, lockStockRows, writeStock, type StockRow } from './queries.ts'
import { saveProducts } from './save-products.ts'

type Stated = StockRow & { replay: boolean }

/** Of one version only a replay may differ: it repeats what the copy should have. */
const isNewer = (stated: Stated, known: StockRow | undefined) =>
  stated.version > (known?.version ?? 0) ||
  (stated.replay && stated.version === known?.version && stated.status !== known.status)

/** The newest event of each SKU, whatever order they came in. */
const newestBySku = (events: Envelope<StockStatusChanged>[]): Stated[] => {
  const newest = new Map<string, Stated>()
  for (const { data, aggregateVersion: version, replay = false } of events) {
    const stated = { sku: data.sku, status: data.status, version, replay }
    if (isNewer(stated, newest.get(data.sku))) newest.set(data.sku, stated)
  }
  return [...newest.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1))
}

const withStock = (product: Product, rows: Map<string, StockRow>): Product => ({
  ...product,
  variants: product.variants.map((variant) => ({
    ...variant,
    stockStatus: rows.get(variant.sku)?.status ?? variant.stockStatus,
  })),
})

/** Keeps the newest stock status of each SKU, also of SKUs that no product has yet, and shows it on products. */
export const applyStockStatus = async (
  trx: Trx,
  events: Envelope<StockStatusChanged>[],
  currency: string,
) => {
  const received = newestBySku(events)
  const skus = received.map(({ sku }) => sku)
  const known = new Map((await lockStockRows(trx, skus)).map((row) => [row.sku, row]))
  const newer = received
    .filter((stated) => isNewer(stated, known.get(stated.sku)))
    .map(({ sku, status, version }): StockRow => ({ sku, status, version }))
  if (newer.length === 0) return

  // Products are read before the statuses are written, so that they still show the old ones.
  const bySku = new Map(newer.map((row) => [row.sku, row]))
  const owners = await listOwners(trx, [...bySku.keys()])
  const products = await lockProducts(trx, [...new Set(owners.map(({ productId }) => productId))])
  await writeStock(trx, newer)
  await saveProducts(
    trx,
    products.map((before) => ({ before, after: withStock(before, bySku) })),
    { clock: () => new Date(), by: null, currency },
  )
}

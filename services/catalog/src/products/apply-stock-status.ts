import type { Envelope, StockStatusChanged } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import type { Product } from './product.ts'
import { listOwners, lockProducts, lockStockRows } from './queries.ts'
import { saveProducts } from './save-products.ts'
import { writeStock, type StockFact } from './stock-queries.ts'

/** The newest fact of each SKU, whatever order they came in. */
const newestFacts = (events: Envelope<StockStatusChanged>[]): StockFact[] => {
  const newest = new Map<string, StockFact>()
  for (const { data, aggregateVersion: version } of events)
    if (version > (newest.get(data.sku)?.version ?? 0))
      newest.set(data.sku, { sku: data.sku, status: data.status, version })
  return [...newest.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1))
}

const withStock = (product: Product, facts: Map<string, StockFact>): Product => ({
  ...product,
  variants: product.variants.map((variant) => ({
    ...variant,
    stockStatus: facts.get(variant.sku)?.status ?? variant.stockStatus,
  })),
})

/** Keeps what inventory last told of each SKU, also of SKUs that no product has yet, and shows it on products. */
export const applyStockStatus = async (trx: Trx, events: Envelope<StockStatusChanged>[]) => {
  const told = newestFacts(events)
  const present = new Map(
    (
      await lockStockRows(
        trx,
        told.map(({ sku }) => sku),
      )
    ).map((row) => [row.sku, row]),
  )
  const facts = told.filter(({ sku, version }) => version > (present.get(sku)?.version ?? 0))
  if (facts.length === 0) return

  // Products are read before the copy is written, so that they still show what was.
  const bySku = new Map(facts.map((fact) => [fact.sku, fact]))
  const owners = await listOwners(trx, [...bySku.keys()])
  const products = await lockProducts(trx, [...new Set(owners.map(({ productId }) => productId))])
  await writeStock(trx, facts)
  await saveProducts(
    trx,
    products.map((before) => ({ before, after: withStock(before, bySku) })),
    { clock: () => new Date(), by: null },
  )
}

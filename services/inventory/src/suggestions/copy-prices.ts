import type { Envelope, ProductChanged } from '@storewright/contracts'
import { parseJson, type Trx } from '@storewright/database'
import type { Database } from '../database.ts'
import { lockListPrices, upsertListPrices } from './queries.ts'

/** In one order everywhere, so that replicas that share rows queue up instead of deadlocking. */
const bySku = (a: { sku: string }, b: { sku: string }) => (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0)

/** Keeps the newest list prices of each SKU, for ABC classes and order quantities, and whether it is sold no more. */
export const copyPrices = async (trx: Trx<Database>, events: readonly Envelope<ProductChanged>[]) => {
  const copies = events.flatMap(({ data, aggregateVersion }) =>
    data.variants.map(({ sku, price, prices = [price] }) => ({
      sku,
      product_id: data.productId,
      version: aggregateVersion,
      prices: JSON.stringify(Object.fromEntries(prices.map(({ currency, amount }) => [currency, amount]))),
      discontinued: data.status === 'archived' || data.status === 'deleted' ? 1 : 0,
    })),
  )
  await upsertListPrices(trx, copies.sort(bySku))
  await discontinueMissing(trx, events)
}

/** What the newest known state of its product does not name has an older version than that. */
const discontinueMissing = async (trx: Trx<Database>, events: readonly Envelope<ProductChanged>[]) => {
  const newest = new Map<string, number>()
  const note = (productId: string, version: number) =>
    newest.set(productId, Math.max(version, newest.get(productId) ?? 0))
  for (const { data, aggregateVersion } of events) note(data.productId, aggregateVersion)
  const rows = await lockListPrices(trx, [...newest.keys()].sort())
  for (const row of rows) note(row.product_id, Number(row.version))
  const missing = rows.flatMap((row) => {
    const version = newest.get(row.product_id) ?? 0
    const prices = JSON.stringify(parseJson(row.prices))
    return Number(row.version) < version ? [{ ...row, version, prices, discontinued: 1 }] : []
  })
  await upsertListPrices(trx, missing.sort(bySku))
}

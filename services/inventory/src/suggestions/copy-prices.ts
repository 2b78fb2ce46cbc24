import type { Envelope, ProductChanged } from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import type { Database } from '../database.ts'
import { upsertListPrices } from './queries.ts'

/** In one order everywhere, so that replicas that share rows queue up instead of deadlocking. */
const bySku = (a: { sku: string }, b: { sku: string }) => (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0)

/** Keeps the newest list prices of each SKU: what ABC classes and order quantities are computed from. */
export const copyPrices = async (trx: Trx<Database>, events: readonly Envelope<ProductChanged>[]) => {
  const current = events.filter(({ data }) => data.status !== 'deleted')
  const copies = current.flatMap(({ data, aggregateVersion }) =>
    data.variants.map(({ sku, price, prices = [price] }) => ({
      sku,
      product_id: data.productId,
      version: aggregateVersion,
      prices: JSON.stringify(Object.fromEntries(prices.map(({ currency, amount }) => [currency, amount]))),
    })),
  )
  await upsertListPrices(trx, copies.sort(bySku))
}

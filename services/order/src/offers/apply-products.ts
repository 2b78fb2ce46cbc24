import type { Envelope, ProductChanged } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { newestPerSubject, offerName } from './newest.ts'
import { listProductVersions, upsertProductVersions, upsertOffers, withdrawMissingOffers } from './queries.ts'

/**
 * Brings the copy of offers up to the newest state of each product. What is archived, a draft, deleted or
 * missing from that state stays known, but is not on sale: carts that hold it can show so.
 */
export const applyProducts = async (trx: Trx, events: readonly Envelope<ProductChanged>[]) => {
  const newest = newestPerSubject(events)
  await upsertProductVersions(
    trx,
    newest.map(({ data, aggregateVersion }) => ({ productId: data.productId, version: aggregateVersion })),
  )
  const ids = newest.map(({ data }) => data.productId)
  const rows = await listProductVersions(trx, ids)
  const versions = new Map(rows.map(({ productId, version }) => [productId, Number(version)]))
  const current = newest.filter(
    ({ data, aggregateVersion }) => versions.get(data.productId) === aggregateVersion,
  )

  const offers = current.flatMap(({ data, aggregateVersion }) =>
    data.variants.map((variant) => ({
      sku: variant.sku,
      productId: data.productId,
      productVersion: aggregateVersion,
      name: offerName(data.name, variant.name),
      priceMinor: variant.price.amount,
      currency: variant.price.currency,
      onSale: data.status === 'published',
    })),
  )
  if (offers.length > 0) await upsertOffers(trx, offers)
  if (current.length > 0)
    await withdrawMissingOffers(
      trx,
      current.map(({ data }) => data.productId),
    )
}

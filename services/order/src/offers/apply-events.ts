import type { Envelope, ProductChanged, StockStatusChanged } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import {
  listProductVersions,
  upsertOffers,
  upsertProductVersions,
  upsertStockStatuses,
  withdrawMissingOffers,
} from './queries.ts'

/** The newest event of each subject, in subject order; of state events the others are outdated. */
export const newestPerSubject = <Data>(events: readonly Envelope<Data>[]): Envelope<Data>[] => {
  const newest = new Map<string, Envelope<Data>>()
  for (const event of events) {
    const known = newest.get(event.subject)
    if (!known || known.aggregateVersion < event.aggregateVersion) newest.set(event.subject, event)
  }
  // In one order everywhere, so that replicas that share rows queue up instead of deadlocking.
  return [...newest.values()].sort((a, b) => (a.subject < b.subject ? -1 : 1))
}

/** What the column takes. */
const NAME_LENGTH = 600

/** A variant's name beside its product's, unless one contains the other. */
export const offerName = (product: string, variant: string) =>
  (variant === '' || variant.toLowerCase().includes(product.toLowerCase())
    ? variant || product
    : `${product}, ${variant}`
  ).slice(0, NAME_LENGTH)

/** Brings the offers up to the newest state of each product. What it does not list stays known, but off sale. */
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

/** Keeps the newest stock status of each SKU, for notices and for when inventory does not answer. */
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

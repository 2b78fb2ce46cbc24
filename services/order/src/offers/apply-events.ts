import type { Envelope, ProductChanged, StockStatusChanged } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { offerName } from './offer-name.ts'
import {
  listProductVersions,
  upsertOffers,
  upsertProductVersions,
  upsertStockStatuses,
  withdrawMissingOffers,
} from './queries.ts'

/** Of one version a replay counts as the newer: it repeats the state as it is by now. */
const isNewer = (event: Envelope, known: Envelope) =>
  event.aggregateVersion > known.aggregateVersion ||
  (event.aggregateVersion === known.aggregateVersion && event.replay === true)

/** The newest event of each subject, in subject order; of state events the others are outdated. */
export const newestPerSubject = <Data>(events: readonly Envelope<Data>[]): Envelope<Data>[] => {
  const newest = new Map<string, Envelope<Data>>()
  for (const event of events) {
    const known = newest.get(event.subject)
    if (!known || isNewer(event, known)) newest.set(event.subject, event)
  }
  // In one order everywhere, so that replicas that share rows queue up instead of deadlocking.
  return [...newest.values()].sort((a, b) => (a.subject < b.subject ? -1 : 1))
}

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
      prices: Object.fromEntries(
        (variant.prices ?? [variant.price]).map(({ amount, currency }) => [currency, amount]),
      ),
      categoryIds: data.categoryIds,
      weightGrams: variant.weightGrams ?? null,
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

const stockStateOf = ({ data, aggregateVersion }: Envelope<StockStatusChanged>) => ({
  sku: data.sku,
  version: aggregateVersion,
  status: data.status,
  available: data.available,
})

/** Keeps the newest stock status of each SKU, for notices and for when inventory does not answer. */
export const applyStockStatuses = async (trx: Trx, events: readonly Envelope<StockStatusChanged>[]) => {
  const [repeated, changed] = [true, false].map((replay) =>
    newestPerSubject(events).filter((event) => (event.replay ?? false) === replay),
  )
  if (changed?.length) await upsertStockStatuses(trx, changed.map(stockStateOf))
  if (repeated?.length) await upsertStockStatuses(trx, repeated.map(stockStateOf), { replays: true })
}

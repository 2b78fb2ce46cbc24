import type { Envelope, ProductChanged } from '@storewright/contracts'
import type { Db, Trx } from '@storewright/database'
import type { CatalogClient } from '../catalog-client.ts'
import type { Database } from '../database.ts'
import { insertUnknownSkus, listKnownSkus } from './queries.ts'

/** Known SKUs, and those that the catalog knows before their event has arrived. Never inside a transaction. */
export const resolveSkus = async (
  skus: readonly string[],
  { db, catalog }: { db: Db<Database>; catalog: CatalogClient },
  retry?: { attempts: number },
): Promise<{ known: Set<string>; catalogUnavailable: boolean }> => {
  const wanted = [...new Set(skus)]
  const known = await listKnownSkus(db, wanted)
  const unknown = wanted.filter((sku) => !known.has(sku))
  if (unknown.length === 0) return { known, catalogUnavailable: false }
  const existing = await catalog.listExisting(unknown, retry)
  return { known: new Set([...known, ...(existing ?? [])]), catalogUnavailable: existing === null }
}

/** Makes SKUs known, with nothing in stock. They never change product, so the order of events does not matter. */
export const registerSkus = (trx: Trx<Database>, events: readonly Envelope<ProductChanged>[]) =>
  insertUnknownSkus(
    trx,
    events
      .filter(({ data }) => data.status !== 'deleted')
      .flatMap(({ data }) => data.variants.map(({ sku }) => sku)),
  )

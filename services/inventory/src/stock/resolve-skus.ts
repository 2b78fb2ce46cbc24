import type { Envelope, ProductChanged } from '@storewright/contracts'
import type { Db, Trx } from '@storewright/database'
import { notFound, Problem } from '@storewright/service-kit/http'
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

/** Throws 404 where neither inventory nor the catalog knows the SKU, 503 where the catalog cannot be asked. */
export const requireKnownSku = async (sku: string, deps: { db: Db<Database>; catalog: CatalogClient }) => {
  const { known, catalogUnavailable } = await resolveSkus([sku], deps)
  if (known.has(sku)) return
  if (!catalogUnavailable) notFound('SKU', sku)
  throw new Problem('unavailable', `${sku} is new here, and the catalogue cannot be asked about it now.`, {
    retryAfter: 2,
  })
}

/** Makes SKUs known, with nothing in stock. They never change product, so the order of events does not matter. */
export const registerSkus = (trx: Trx<Database>, events: readonly Envelope<ProductChanged>[]) =>
  insertUnknownSkus(
    trx,
    events
      .filter(({ data }) => data.status !== 'deleted')
      .flatMap(({ data }) => data.variants.map(({ sku }) => sku)),
  )

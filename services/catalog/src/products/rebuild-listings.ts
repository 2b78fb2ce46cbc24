import { inTransaction } from '@storewright/database'
import { holdCategoryTree } from '../categories/require-categories.ts'
import type { Db, Trx } from '../database.ts'
import { lockProducts } from './load-products.ts'
import type { Product } from './product.ts'
import { listIdsAfter, updateProducts } from './queries.ts'
import { indexProducts } from './save-products.ts'
import { summariesOf } from './stored-views.ts'
import { listOutdatedIds, listSummaries, markRendered, writeSummaries } from './summary-queries.ts'

export interface RebuildProgress {
  /** Products read so far, and those whose stored summaries were others. */
  products: number
  changed: number
  /** The last product that is done; an interrupted rebuild continues after it. */
  after: string
}

/** Products whose stored summaries are not what they are rendered to, with the revision that follows. */
const findStale = async (trx: Trx, products: Product[]): Promise<Product[]> => {
  const ids = products.map(({ id }) => id)
  const stored = Map.groupBy(await listSummaries(trx, ids), ({ product_id }) => product_id)
  return products.flatMap((product) => {
    const kept = (stored.get(product.id) ?? []).map(({ currency, summary }) => ({ currency, summary }))
    const isSame = JSON.stringify(kept) === JSON.stringify(summariesOf(product))
    return isSame ? [] : [{ ...product, revision: product.revision + 1 }]
  })
}

/** Writes summaries, listings, attribute rows and search terms of these products anew, without a new version. */
const rebuildProducts = async (trx: Trx, ids: string[]) => {
  const products = (await lockProducts(trx, ids)).filter(({ status }) => status !== 'deleted')
  if (products.length === 0) return { products, stale: [] }
  const stale = await findStale(trx, products)
  await holdCategoryTree(trx)
  await updateProducts(trx, stale)
  await writeSummaries(
    trx,
    stale,
    stale.map(({ id }) => id),
  )
  const all = { listed: products, attributed: products, searched: products }
  const storedIds = products.map(({ id }) => id)
  await indexProducts(trx, all, new Set(storedIds))
  await markRendered(trx, storedIds)
  return { products, stale }
}

/** Renders stored summaries, listings and search terms anew, in short transactions beside running replicas. */
export const rebuildListings = async (
  db: Db,
  {
    after = '',
    batchSize = 200,
    onProgress = () => undefined,
  }: { after?: string; batchSize?: number; onProgress?: (progress: RebuildProgress) => void } = {},
): Promise<RebuildProgress> => {
  const progress: RebuildProgress = { products: 0, changed: 0, after }
  for (;;) {
    const batch = await inTransaction(db, async (trx) => {
      const ids = await listIdsAfter(trx, progress.after, batchSize)
      return { last: ids.at(-1), ...(await rebuildProducts(trx, ids)) }
    })
    if (batch.last === undefined) return progress
    progress.products += batch.products.length
    progress.changed += batch.stale.length
    progress.after = batch.last
    onProgress({ ...progress })
  }
}

const OUTDATED_BATCH = 100

/** After a start on the data of older code: rebuilds the next products that it wrote; true while there may be more. */
export const rebuildOutdated = (db: Db): Promise<boolean> =>
  inTransaction(db, async (trx) => {
    const ids = await listOutdatedIds(trx, OUTDATED_BATCH)
    await rebuildProducts(trx, ids)
    return ids.length === OUTDATED_BATCH
  })

import { inTransaction } from '@storewright/database'
import { holdCategoryTree } from '../categories/require-categories.ts'
import type { Db } from '../database.ts'
import { lockProducts } from './load-products.ts'
import { renderSummary } from './product.ts'
import { lockSummariesAfter, updateProducts } from './queries.ts'
import { indexProducts } from './save-products.ts'

export interface RebuildProgress {
  /** Products read so far, and those whose stored summary was another one. */
  products: number
  changed: number
  /** The last product that is done; an interrupted rebuild continues after it. */
  after: string
}

/** Renders stored summaries, listings and search terms anew, in short transactions beside running replicas. */
export const rebuildListings = async (
  db: Db,
  {
    after = '',
    currency = 'GBP',
    batchSize = 200,
    onProgress = () => undefined,
  }: {
    after?: string
    currency?: string
    batchSize?: number
    onProgress?: (progress: RebuildProgress) => void
  } = {},
): Promise<RebuildProgress> => {
  const progress: RebuildProgress = { products: 0, changed: 0, after }
  for (;;) {
    const batch = await inTransaction(db, async (trx) => {
      const stored = new Map(
        (await lockSummariesAfter(trx, progress.after, batchSize)).map(({ id, summary }) => [id, summary]),
      )
      const products = await lockProducts(trx, [...stored.keys()])
      const stale = products.filter((product) => stored.get(product.id) !== renderSummary(product, currency))
      await holdCategoryTree(trx)
      await updateProducts(trx, stale, currency)
      await indexProducts(trx, { listed: products, searched: products }, new Set(stored.keys()), currency)
      return { products, stale }
    })
    const last = batch.products.at(-1)
    if (!last) return progress
    progress.products += batch.products.length
    progress.changed += batch.stale.length
    progress.after = last.id
    onProgress({ ...progress })
  }
}

import { inTransaction } from '@storewright/database'
import { holdCategoryTree } from '../categories/require-categories.ts'
import type { Db } from '../database.ts'
import { finishQueued, nextQueued } from '../search/maintain-words.ts'
import { lockProducts } from './load-products.ts'
import { listIdsIn } from './queries.ts'
import { indexSearch } from './search-text.ts'

const BATCH = 200

/** Indexes some products of a category that was renamed or moved, or of all; true while there may be more. */
export const indexQueued = async (db: Db): Promise<boolean> => {
  const queued = await nextQueued(db)
  if (!queued) return false
  await inTransaction(db, async (trx) => {
    const ids = await listIdsIn(trx, queued.categoryId, queued.after, BATCH)
    const products = await lockProducts(trx, ids)
    await holdCategoryTree(trx)
    await indexSearch(trx, products, ids)
    await finishQueued(trx, queued, ids.length < BATCH ? null : ids.at(-1)!)
  })
  return true
}

import type { CategoryChanged, Envelope } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { newestPerSubject } from '../offers/apply-events.ts'
import { raisePricingVersion, upsertCategories } from './queries.ts'

/** Keeps the newest place of each category in the tree, which taxes and promotions go by. */
export const applyCategories = async (trx: Trx, events: readonly Envelope<CategoryChanged>[]) => {
  const newest = newestPerSubject(events)
  for (const replays of [false, true]) {
    const categories = newest
      .filter(({ replay = false }) => replay === replays)
      .map(({ data: { categoryId, parentId, deleted }, aggregateVersion }) => ({
        category_id: categoryId,
        version: aggregateVersion,
        parent_id: parentId,
        deleted,
      }))
    if (categories.length > 0) await upsertCategories(trx, categories, { replays })
  }
  await raisePricingVersion(trx)
}

export { raisePricingVersion }

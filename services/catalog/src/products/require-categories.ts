import { Problem } from '@storewright/service-kit'
import type { Trx } from '../database.ts'
import { listCategoryIds, lockTreeShared } from './queries.ts'

/** Makes sure that these categories exist and stay until the transaction ends. */
export const requireCategories = async (trx: Trx, ids: string[]) => {
  if (ids.length === 0) return
  await lockTreeShared(trx)
  const known = new Set(await listCategoryIds(trx, ids))
  const errors = ids.flatMap((id, index) =>
    known.has(id) ? [] : [{ path: `categoryIds.${index}`, message: 'is no category' }],
  )
  if (errors.length > 0) throw new Problem('unknown-category', 'There is no such category.', { errors })
}

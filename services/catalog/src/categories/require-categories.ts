import type { Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import { listCategoryIds, lockTreeShared } from './queries.ts'

/** Keeps the tree as it is until the transaction ends, so that products are listed under all that is above them. */
export const holdCategoryTree = async (trx: Trx) => {
  await lockTreeShared(trx)
}

export const findCategoryIds = async (trx: Trx, ids: string[]): Promise<Set<string>> =>
  new Set(ids.length === 0 ? [] : (await listCategoryIds(trx, ids)).map(({ id }) => id))

/** An error for each of `categoryIds` that names no category. */
export const unknownCategories = (ids: string[], known: Set<string>) =>
  ids.flatMap((id, index) =>
    known.has(id) ? [] : [{ path: `categoryIds.${index}`, message: 'is no category' }],
  )

/** Makes sure that these categories exist and stay until the transaction ends. */
export const requireCategories = async (trx: Trx, ids: string[]) => {
  if (ids.length === 0) return
  await holdCategoryTree(trx)
  const errors = unknownCategories(ids, await findCategoryIds(trx, ids))
  if (errors.length > 0) throw new Problem('unknown-category', 'There is no such category.', { errors })
}

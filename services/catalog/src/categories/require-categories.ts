import type { Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import { listAncestry, listCategoryIds, lockTreeShared } from './queries.ts'

/** Keeps the tree as it is until the transaction ends, so that products are listed under all that is above them. */
export const holdCategoryTree = async (trx: Trx) => {
  await lockTreeShared(trx)
}

interface Placed {
  categoryIds: string[]
}

/** The categories that each product is in or under; the caller holds the tree. */
export const readAncestry = async (trx: Trx, products: Placed[]) => {
  const ids = [...new Set(products.flatMap(({ categoryIds }) => categoryIds))]
  const rows = Map.groupBy(ids.length === 0 ? [] : await listAncestry(trx, ids), (row) => row.categoryId)
  return ({ categoryIds }: Placed): { id: string; name: string }[] => {
    const [first = '', ...others] = categoryIds
    if (others.length === 0) return rows.get(first) ?? []
    const all = new Map(categoryIds.flatMap((id) => (rows.get(id) ?? []).map((row) => [row.id, row])))
    return [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}
export type Ancestry = Awaited<ReturnType<typeof readAncestry>>

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

import { notFound, Problem } from '@storewright/service-kit'
import type { Trx } from '../database.ts'
import { relistSubtree } from '../products/listing-queries.ts'
import { nameKeyOf, tidyName, type Category } from './category.ts'
import type { NewCategory } from './create-category.ts'
import { requireFreeSlug, requireUniqueName, requireParent } from './category-rules.ts'
import { findCategory, listSubtree, lockTreeExclusive, moveSubtree, updateCategory } from './queries.ts'
import { emitCategoryChanged } from './emit-category-changed.ts'

/** Hangs a category and all below it under another parent; its products are listed under what is above it now. */
const move = async (trx: Trx, id: string, parentId: string | null) => {
  const subtree = await listSubtree(trx, id)
  const depth = (category: string) => subtree.find((row) => row.id === category)?.depth ?? 1
  const height = Math.max(...subtree.map((row) => row.depth)) - depth(id) + 1
  const above = await requireParent(trx, parentId, height)
  if (above.includes(id))
    throw new Problem('category-cycle', 'A category cannot be moved below itself.', {
      errors: [{ path: 'parentId', message: 'is the category itself or below it' }],
    })
  const ids = subtree.map((row) => row.id)
  await moveSubtree(trx, id, ids, parentId)
  await relistSubtree(trx, ids)
}

/** Renames or moves a category. The whole tree is locked meanwhile, so no two moves make a cycle together. */
export const changeCategory = async (
  trx: Trx,
  id: string,
  patch: Partial<NewCategory>,
  check: (category: Category) => void,
  at: Date,
): Promise<Category> => {
  await lockTreeExclusive(trx)
  const before = (await findCategory(trx, id)) ?? notFound('category', id)
  check(before)
  const after: Category = {
    ...before,
    name: patch.name === undefined ? before.name : tidyName(patch.name),
    slug: patch.slug ?? before.slug,
    parentId: patch.parentId === undefined ? before.parentId : patch.parentId,
    position: patch.position ?? before.position,
  }
  if (JSON.stringify(after) === JSON.stringify(before)) return before
  if (after.slug !== before.slug) await requireFreeSlug(trx, after.slug, id)
  if (after.parentId !== before.parentId) await move(trx, id, after.parentId)
  await requireUniqueName(trx, after.parentId, after.name, id)
  const changed = { ...after, version: before.version + 1 }
  await updateCategory(trx, { ...changed, nameKey: nameKeyOf(changed.name) }, at)
  await emitCategoryChanged(trx, changed)
  return changed
}

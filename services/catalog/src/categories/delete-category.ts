import { notFound, Problem } from '@storewright/service-kit'
import type { Trx } from '../database.ts'
import type { Category } from './category.ts'
import { deleteCategory as deleteRow, findCategory, findUse, lockTreeExclusive } from './queries.ts'
import { emitCategoryChanged } from './emit-category-changed.ts'

/** Removes a category that nothing is in or under. */
export const deleteCategory = async (trx: Trx, id: string, check: (category: Category) => void) => {
  await lockTreeExclusive(trx)
  const category = (await findCategory(trx, id)) ?? notFound('category', id)
  check(category)
  const use = await findUse(trx, id)
  if (use.child) throw new Problem('category-in-use', 'The category has categories below it.')
  if (use.product)
    throw new Problem('category-in-use', 'The category has products, maybe drafts or archived ones.')
  await deleteRow(trx, id)
  await emitCategoryChanged(trx, category, true)
}

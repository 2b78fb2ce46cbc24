import { newId } from '@storewright/database'
import type { Trx } from '../database.ts'
import { nameKeyOf, tidyName, type Category } from './category.ts'
import { chooseSlug, requireFreeSlug, requireUniqueName, requireParent } from './category-rules.ts'
import { insertAncestors, insertCategory, lockTreeExclusive } from './queries.ts'
import { emitCategoryChanged } from './emit-category-changed.ts'

export interface NewCategory {
  name: string
  slug?: string | undefined
  parentId?: string | null | undefined
  position?: number | undefined
}

/** Plants a category. The whole tree is locked meanwhile, so of two alike at once one is refused. */
export const createCategory = async (trx: Trx, input: NewCategory, at: Date): Promise<Category> => {
  const id = newId()
  const name = tidyName(input.name)
  const parentId = input.parentId ?? null
  await lockTreeExclusive(trx)
  await requireParent(trx, parentId, 1)
  await requireUniqueName(trx, parentId, name, id)
  if (input.slug !== undefined) await requireFreeSlug(trx, input.slug, id)
  const category: Category = {
    id,
    parentId,
    slug: input.slug ?? (await chooseSlug(trx, [name], id)),
    name,
    position: input.position ?? 0,
    version: 1,
  }
  await insertCategory(trx, { ...category, nameKey: nameKeyOf(name) }, at)
  await insertAncestors(trx, id, parentId)
  await emitCategoryChanged(trx, category)
  return category
}

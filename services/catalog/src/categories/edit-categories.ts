import { CategoryChanged } from '@storewright/contracts'
import { newId } from '@storewright/database'
import type { Rebuilder } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { notFound } from '@storewright/service-kit/http'
import type { Database, Trx } from '../database.ts'
import { relistIn } from '../listings/update-listings.ts'
import { tidyName } from '../names.ts'
import { refreshCategory } from '../price-refreshes/price-refreshes.ts'
import { Problem } from '../problems.ts'
import { queueCategory } from '../search/maintain-words.ts'
import { rememberSlugs } from '../slugs/former-slugs.ts'
import { nameKeyOf, type Category } from './category.ts'
import { chooseSlug, requireFreeSlug, requireParent, requireUniqueName } from './category-rules.ts'
import {
  deleteCategoryRow,
  findCategory,
  findUse,
  insertAncestors,
  insertCategory,
  listAncestorIds,
  listCategoriesAfter,
  listSubtree,
  lockTreeExclusive,
  lockTreeShared,
  moveSubtree,
  updateCategory,
} from './queries.ts'
import { assignedTo, requireProductsFit } from './require-fit.ts'

export interface CategoryInput {
  name: string
  slug?: string | undefined
  parentId?: string | null | undefined
  position?: number | undefined
}

const emitCategoryChanged = (
  trx: Trx,
  { id, parentId, slug, name }: Category,
  { deleted = false, replay = false } = {},
) => emit(trx, CategoryChanged, { categoryId: id, parentId, slug, name, deleted }, { replay })

/** `ops rebuild categories`. Deleted ones have no row, and are not emitted again. */
export const categoryRebuilder: Rebuilder<Database> = {
  event: CategoryChanged,
  emitPage: async (trx, { after, limit }) => {
    await lockTreeShared(trx)
    const categories = await listCategoriesAfter(trx, after, limit)
    for (const category of categories) await emitCategoryChanged(trx, category, { replay: true })
    return categories.map(({ id }) => id)
  },
}

/** Adds a category; the caller holds the tree. */
export const addCategory = async (trx: Trx, category: Category, at: Date) => {
  await insertCategory(trx, { ...category, nameKey: nameKeyOf(category.name) }, at)
  await insertAncestors(trx, category.id, category.parentId)
  await emitCategoryChanged(trx, category)
}

/** Creates a category under the lock of the tree: of two alike at once one is refused. */
export const createCategory = async (trx: Trx, input: CategoryInput, at: Date): Promise<Category> => {
  const id = newId()
  const name = tidyName(input.name)
  const parentId = input.parentId ?? null
  await lockTreeExclusive(trx)
  await requireParent(trx, parentId, 1)
  await requireUniqueName(trx, parentId, name, id)
  if (input.slug !== undefined) await requireFreeSlug(trx, input.slug, id)
  const slug = input.slug ?? (await chooseSlug(trx, [name], id))
  const category = { id, parentId, slug, name, position: input.position ?? 0, version: 1 }
  await addCategory(trx, category, at)
  return category
}

/** What a move concerns: the categories that move, and those above that they leave or come to. */
const planMove = async (trx: Trx, id: string, parentId: string | null) => {
  const subtree = await listSubtree(trx, id)
  const depth = (category: string) => subtree.find((row) => row.id === category)?.depth ?? 1
  const height = Math.max(...subtree.map((row) => row.depth)) - depth(id) + 1
  const above = await requireParent(trx, parentId, height)
  if (above.includes(id))
    throw new Problem('category-cycle', 'A category cannot be moved below itself.', {
      errors: [{ path: 'parentId', message: 'is the category itself or below it' }],
    })
  const before = (await listAncestorIds(trx, id)).filter((ancestor) => ancestor !== id)
  const scopes = [
    ...before.filter((ancestor) => !above.includes(ancestor)),
    ...above.filter((ancestor) => !before.includes(ancestor)),
  ]
  return { moved: subtree.map((row) => row.id).sort(), scopes }
}

/** Renames or moves a category under the tree’s lock: two moves make no cycle; products must fit where it goes. */
export const changeCategory = async (
  trx: Trx,
  id: string,
  patch: Partial<CategoryInput>,
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
  await requireUniqueName(trx, after.parentId, after.name, id)
  const changed = { ...after, version: before.version + 1 }
  const write = () => updateCategory(trx, { ...changed, nameKey: nameKeyOf(changed.name) }, at)
  if (after.parentId === before.parentId) await write()
  else {
    const { moved, scopes } = await planMove(trx, id, after.parentId)
    await requireProductsFit(trx, id, async () => {
      await moveSubtree(trx, id, moved, after.parentId)
      await write()
    })
    for await (const productIds of assignedTo(trx, moved)) await relistIn(trx, productIds, scopes)
    await refreshCategory(trx, id)
  }
  if (after.slug !== before.slug) await rememberSlugs(trx, 'category', [before])
  if (after.name !== before.name || after.parentId !== before.parentId) await queueCategory(trx, id)
  await emitCategoryChanged(trx, changed)
  return changed
}

/** Deletes a category that has neither products nor children. */
export const deleteCategory = async (trx: Trx, id: string, check: (category: Category) => void) => {
  await lockTreeExclusive(trx)
  const category = (await findCategory(trx, id)) ?? notFound('category', id)
  check(category)
  const use = await findUse(trx, id)
  if (use.child) throw new Problem('category-in-use', 'The category has categories below it.')
  if (use.product)
    throw new Problem('category-in-use', 'The category has products, maybe drafts or archived ones.')
  await deleteCategoryRow(trx, id)
  await emitCategoryChanged(trx, category, { deleted: true })
}

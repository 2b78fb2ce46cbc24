import { parseJson } from '@storewright/database'
import type { Attributes } from '../attributes.ts'
import type { Db, Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import {
  effectiveDefinitions,
  findMisfits,
  type AttributeDefinition,
  type CategoryDefinitions,
} from './definitions.ts'
import { listAssigned, listAttributed, listDefinitionRows, listSubtreeIds } from './definition-queries.ts'

/** The definitions of these categories and of all above them, in one statement. */
export const readDefinitions = async (
  db: Db | Trx,
  categoryIds: string[],
): Promise<Map<string, CategoryDefinitions>> => {
  const rows = categoryIds.length === 0 ? [] : await listDefinitionRows(db, categoryIds)
  return new Map(
    rows.map(({ id, parentId, attributes }) => [
      id,
      { id, parentId, definitions: parseJson<AttributeDefinition[]>(attributes) },
    ]),
  )
}

/** What holds for the products of each of these categories, by the category's id. */
export const readEffectiveDefinitions = async (db: Db | Trx, categoryIds: string[]) => {
  const categories = await readDefinitions(db, categoryIds)
  return new Map(categoryIds.map((id) => [id, effectiveDefinitions(id, categories)]))
}

const PRODUCTS_AT_ONCE = 1_000
const MAX_MISFITS = 10

/** Refuses a change of the tree after which products below no longer fit; the caller holds the tree alone. */
export const requireProductsFit = async (trx: Trx, categoryId: string) => {
  const subtree = await listSubtreeIds(trx, categoryId)
  const known = new Map<string, CategoryDefinitions>()
  const errors: { path: string; message: string }[] = []
  for (let after: { categoryId: string; productId: string } | undefined; ;) {
    const assigned = await listAssigned(trx, subtree, after, PRODUCTS_AT_ONCE)
    after = assigned.at(-1)
    if (!after || errors.length >= MAX_MISFITS) break
    const { products, variants, categories } = await listAttributed(trx, [
      ...new Set(assigned.map(({ productId }) => productId)),
    ])
    const unread = new Set(categories.map((row) => row.categoryId).filter((id) => !known.has(id)))
    for (const [id, definitions] of await readDefinitions(trx, [...unread])) known.set(id, definitions)
    const variantsOf = Map.groupBy(variants, ({ productId }) => productId)
    const categoriesOf = Map.groupBy(categories, ({ productId }) => productId)
    for (const { id, name, attributes } of products) {
      const misfits = findMisfits(
        {
          attributes: parseJson<Attributes>(attributes),
          categoryIds: (categoriesOf.get(id) ?? []).map((row) => row.categoryId),
          variants: (variantsOf.get(id) ?? []).map((row) => ({
            attributes: parseJson<Attributes>(row.attributes),
            deleted: false,
          })),
        },
        (category) => effectiveDefinitions(category, known),
      )
      for (const { path, message } of misfits)
        errors.push({ path: '', message: `product "${name}" (${id}): ${path} ${message}` })
    }
  }
  if (errors.length > 0)
    throw new Problem('products-do-not-fit', 'There are products whose attributes would not fit.', {
      errors: errors.slice(0, MAX_MISFITS),
    })
}

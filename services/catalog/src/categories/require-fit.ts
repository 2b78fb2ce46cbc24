import { parseJson } from '@storewright/database'
import type { Attributes } from '../attributes.ts'
import type { Db, Trx } from '../database.ts'
import { toIndexedKey } from '../listings/attribute-rows.ts'
import { Problem } from '../problems.ts'
import {
  demandedAnew,
  effectiveDefinitions,
  findMisfits,
  type AttributeDefinition,
  type CategoryDefinitions,
} from './definitions.ts'
import {
  hasOutdated,
  listAssigned,
  listAttributed,
  listConcerned,
  listDefinitionRows,
  listSubtreeIds,
} from './definition-queries.ts'

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

// MariaDB reads whole tables for a list of a thousand values or more.
const AT_ONCE = 500
const MAX_MISFITS = 10

/** The products in these categories, which stand in the order of their ids, in parts. */
export async function* assignedTo(trx: Trx, categoryIds: string[]) {
  let after = ''
  for (let rest = categoryIds; rest.length > 0;) {
    const assigned = await listAssigned(trx, rest.slice(0, AT_ONCE), after, AT_ONCE)
    if (assigned.length > 0) yield [...new Set(assigned.map(({ productId }) => productId))]
    const last = assigned.length === AT_ONCE ? assigned.at(-1) : undefined
    after = last?.productId ?? ''
    rest = rest.slice(last ? rest.indexOf(last.categoryId) : AT_ONCE)
  }
}

const findProductMisfits = async (
  trx: Trx,
  productIds: string[],
  known: Map<string, CategoryDefinitions>,
): Promise<string[]> => {
  const { products, variants, categories } = await listAttributed(trx, productIds)
  const unread = new Set(categories.map((row) => row.categoryId).filter((id) => !known.has(id)))
  for (const [id, definitions] of await readDefinitions(trx, [...unread])) known.set(id, definitions)
  const variantsOf = Map.groupBy(variants, ({ productId }) => productId)
  const categoriesOf = Map.groupBy(categories, ({ productId }) => productId)
  return products.flatMap(({ id, name, attributes }) =>
    findMisfits(
      {
        attributes: parseJson<Attributes>(attributes),
        categoryIds: (categoriesOf.get(id) ?? []).map((row) => row.categoryId),
        variants: (variantsOf.get(id) ?? []).map((row) => ({
          attributes: parseJson<Attributes>(row.attributes),
          deleted: false,
        })),
      },
      (category) => effectiveDefinitions(category, known),
    ).map(({ path, message }) => `product "${name}" (${id}): ${path} ${message}`),
  )
}

/** Runs a change of the tree and refuses it where products in a category or below then no longer fit; the caller holds the tree alone. */
export const requireProductsFit = async (trx: Trx, categoryId: string, change: () => Promise<unknown>) => {
  const read = async () => effectiveDefinitions(categoryId, await readDefinitions(trx, [categoryId]))
  const before = await read()
  await change()
  const demanded = demandedAnew(before, await read()).map(toIndexedKey)
  if (demanded.length === 0) return
  const isIndexed = !(await hasOutdated(trx))
  const known = new Map<string, CategoryDefinitions>()
  const misfits: string[] = []
  for await (const assigned of assignedTo(trx, await listSubtreeIds(trx, categoryId))) {
    const concerned = isIndexed ? await listConcerned(trx, assigned, demanded) : assigned
    if (concerned.length > 0) misfits.push(...(await findProductMisfits(trx, concerned, known)))
    if (misfits.length >= MAX_MISFITS) break
  }
  if (misfits.length > 0)
    throw new Problem('products-do-not-fit', 'There are products whose attributes would not fit.', {
      errors: misfits.slice(0, MAX_MISFITS).map((message) => ({ path: '', message })),
    })
}

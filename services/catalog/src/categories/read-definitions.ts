import { parseJson } from '@storewright/database'
import type { Db, Trx } from '../database.ts'
import { listDefinitionRows } from './definition-queries.ts'
import { effectiveDefinitions, type AttributeDefinition, type CategoryDefinitions } from './definitions.ts'

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

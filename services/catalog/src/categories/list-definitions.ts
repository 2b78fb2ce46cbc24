import { parseJson } from '@storewright/database'
import { attributeNameKey } from '../attributes.ts'
import type { Db } from '../database.ts'
import type { AttributeDefinition } from './definitions.ts'
import { listDefining } from './definition-queries.ts'

/** More categories than that with definitions of their own count as without. */
const MAX_DEFINING = 500

/** Of two categories below, whose products are in one list: offered where one offers it, and the rest if they agree. */
const merge = (a: AttributeDefinition, b: AttributeDefinition): AttributeDefinition => {
  const filterable = a.filterable || b.filterable
  if (a.type !== b.type || a.unit !== b.unit) return { name: a.name, type: 'text', filterable }
  const values = a.values && b.values && [...new Set([...a.values, ...b.values])]
  return { ...a, filterable, ...(values && { values }) }
}

/** How a list of a category shows attributes, by name key: the nearest definition above it, else those below it. */
export const readListDefinitions = async (
  db: Db,
  category: { id: string } | { slug: string } | undefined,
): Promise<Map<string, AttributeDefinition>> => {
  const rows = await listDefining(db, category, MAX_DEFINING)
  const definitionsOf = (among: typeof rows) =>
    among.flatMap(({ attributes }) => parseJson<AttributeDefinition[]>(attributes))
  const found = new Map<string, AttributeDefinition>()
  for (const definition of definitionsOf(rows.filter(({ above }) => Number(above) > 0))) {
    const key = attributeNameKey(definition.name)
    if (!found.has(key)) found.set(key, definition)
  }
  const settled = new Set(found.keys())
  const below = rows.filter((row) => Number(row.above) === 0 && (!category || Number(row.below) > 0))
  for (const definition of definitionsOf(below)) {
    const key = attributeNameKey(definition.name)
    const other = found.get(key)
    if (!settled.has(key)) found.set(key, other ? merge(other, definition) : definition)
  }
  return found
}

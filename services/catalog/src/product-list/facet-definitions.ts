import type { AttributeDefinition } from '../categories/definitions.ts'
import { readListDefinitions } from '../categories/list-definitions.ts'
import type { Db } from '../database.ts'
import { indexedNameKey, valueKey } from '../listings/attribute-rows.ts'
import type { ValueCount } from './facet-queries.ts'
import type { ListScope } from './product-list.ts'

/** By the name as it is indexed. */
export type FacetDefinitions = Map<string, AttributeDefinition>

export const readFacetDefinitions = async (
  db: Db,
  category: ListScope['category'],
): Promise<FacetDefinitions> =>
  new Map(
    [...(await readListDefinitions(db, category)).entries()].map(([key, definition]) => [
      indexedNameKey(key),
      definition,
    ]),
  )

/** Choices in the order of their definition, numbers by size, yes before no; what is free text the commonest first. */
export const inOrderOf = (definition: AttributeDefinition | undefined, rows: ValueCount[]): ValueCount[] => {
  if (definition?.type === 'number') return rows.toSorted((a, b) => Number(a.value) - Number(b.value))
  const choices = definition?.type === 'boolean' ? ['true', 'false'] : definition?.values
  if (!choices) return rows
  const places = new Map(choices.map((choice, place) => [valueKey(choice), place]))
  const placeOf = ({ value }: ValueCount) => places.get(valueKey(value)) ?? choices.length
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b))
}

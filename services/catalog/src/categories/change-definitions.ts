import { isDeepStrictEqual } from 'node:util'
import { parseJson } from '@storewright/database'
import { notFound } from '@storewright/service-kit/http'
import type { Db, Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import { findWithDefinitions, updateDefinitions } from './definition-queries.ts'
import {
  effectiveDefinitions,
  findDefinitionFaults,
  tidyDefinitions,
  type AttributeDefinition,
} from './definitions.ts'
import { lockTreeExclusive } from './queries.ts'
import { readDefinitions, requireProductsFit } from './require-fit.ts'

/** A category's own definitions, and those that it inherits. */
export const readCategoryAttributes = async (db: Db | Trx, id: string) => {
  const { version } = (await findWithDefinitions(db, id)) ?? notFound('category', id)
  const categories = await readDefinitions(db, [id])
  return {
    categoryId: id,
    version,
    items: categories.get(id)?.definitions ?? [],
    inherited: [...effectiveDefinitions(id, categories).values()].filter(
      ({ categoryId }) => categoryId !== id,
    ),
  }
}

/** Replaces a category’s definitions under the tree’s lock; refused while a product in it or below would not fit. */
export const changeDefinitions = async (
  trx: Trx,
  id: string,
  items: Parameters<typeof tidyDefinitions>[0],
  check: (version: number) => void,
  at: Date,
) => {
  const definitions = tidyDefinitions(items)
  const errors = findDefinitionFaults(definitions)
  if (errors.length > 0)
    throw new Problem('unprocessable', 'The definitions do not make sense.', { errors: errors.slice(0, 100) })
  await lockTreeExclusive(trx)
  const before = (await findWithDefinitions(trx, id)) ?? notFound('category', id)
  check(before.version)
  if (isDeepStrictEqual(parseJson<AttributeDefinition[]>(before.attributes), definitions)) return
  const attributes = JSON.stringify(definitions)
  await requireProductsFit(trx, id, () =>
    updateDefinitions(trx, { id, version: before.version + 1, attributes, at }),
  )
}

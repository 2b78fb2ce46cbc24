import { isDeepStrictEqual } from 'node:util'
import { findMisfits, type Definitions } from '../categories/definitions.ts'
import { readEffectiveDefinitions } from '../categories/require-fit.ts'
import { holdCategoryTree } from '../categories/require-categories.ts'
import type { Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import type { Product } from './product.ts'

const MAX_ERRORS = 100
const NONE: Definitions = new Map()

const attributesOf = ({ attributes, categoryIds, variants }: Product) => ({
  attributes,
  categoryIds,
  variants: variants.map((variant) => [variant.sku, variant.deleted, variant.attributes]),
})

/** Whether the definitions of categories see the same in both. */
export const isSameAttributed = (a: Product, b: Product) =>
  isDeepStrictEqual(attributesOf(a), attributesOf(b))

/** Refuses attributes that do not fit the definitions of the product’s categories; holds the tree meanwhile. */
export const requireFit = async (
  trx: Trx,
  product: Product,
  before: Product | null,
  pathOf: (path: string, product: Product) => string = (path) => path,
) => {
  if (product.categoryIds.length === 0) return
  if (before && isSameAttributed(product, before)) return
  await holdCategoryTree(trx)
  const definitions = await readEffectiveDefinitions(trx, product.categoryIds)
  const faults = findMisfits(product, (id) => definitions.get(id) ?? NONE)
  if (faults.length > 0)
    throw new Problem('unprocessable', 'The attributes do not fit the categories of the product.', {
      errors: faults
        .slice(0, MAX_ERRORS)
        .map(({ path, message }) => ({ path: pathOf(path, product), message })),
    })
}

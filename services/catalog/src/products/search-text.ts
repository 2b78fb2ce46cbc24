import type { Attributes } from '../attributes.ts'
import { inTransaction } from '@storewright/database'
import { holdCategoryTree, readAncestry, type Ancestry } from '../categories/require-categories.ts'
import type { Db, Trx } from '../database.ts'
import { WEIGHTS, type SearchText } from '../search/documents.ts'
import { indexDocuments } from '../search/index-documents.ts'
import { finishQueued, nextQueued } from '../search/maintain-words.ts'
import { lockProducts } from './load-products.ts'
import { activeVariants, type Product } from './product.ts'
import { listIdsIn, listUnitsSold } from './queries.ts'

/** Values are what is looked for; of what is only true or false, its name. */
const attributeTexts = (attributes: Attributes): string[] =>
  Object.entries(attributes).flatMap(([name, value]) =>
    value === false ? [] : value === true ? [name] : Array.isArray(value) ? value : [String(value)],
  )

/** The text of a product by which searches find it; its categories' names come from the tree. */
const searchTextOf = (product: Product): Pick<SearchText, 'name' | 'codes' | 'fields'> => {
  const variants = activeVariants(product)
  const attributes = [
    product.attributes,
    ...variants.flatMap((variant) => [variant.attributes, variant.options]),
  ]
  return {
    name: product.name,
    codes: variants.map(({ sku }) => sku),
    fields: [
      ...variants.map(({ name }) => ({ text: name, weight: WEIGHTS.variantName })),
      ...attributes.flatMap(attributeTexts).map((text) => ({ text, weight: WEIGHTS.attribute })),
    ],
  }
}

/** Whether two states of a product are found by other words. */
export const isReworded = (before: Product, after: Product) => {
  const state = (product: Product) =>
    JSON.stringify([product.status === 'deleted', product.categoryIds, searchTextOf(product)])
  return state(before) !== state(after)
}

/** Writes by which words products are found; the caller holds the category tree, so that renames find them later. */
export const indexSearch = async (
  trx: Trx,
  products: Product[],
  categoriesOf: Ancestry,
  storedIds: string[],
) => {
  if (products.length === 0) return
  const units = new Map((await listUnitsSold(trx, storedIds)).map(({ id, popularity }) => [id, popularity]))
  const textOf = (product: Product): SearchText => {
    const { fields, ...text } = searchTextOf(product)
    const categories = categoriesOf(product).map(({ name }) => ({ text: name, weight: WEIGHTS.category }))
    return { ...text, fields: [...fields, ...categories], popularity: units.get(product.id) ?? 0 }
  }
  const texts = products.map(
    (product) => [product.id, product.status === 'deleted' ? null : textOf(product)] as const,
  )
  await indexDocuments(trx, new Map(texts), storedIds)
}

const BATCH = 200

/** Indexes some products of a category that was renamed or moved, or of all; true while there may be more. */
export const indexQueued = async (db: Db): Promise<boolean> => {
  const queued = await nextQueued(db)
  if (!queued) return false
  await inTransaction(db, async (trx) => {
    const ids = await listIdsIn(trx, queued.categoryId, queued.after, BATCH)
    const products = await lockProducts(trx, ids)
    await holdCategoryTree(trx)
    await indexSearch(trx, products, await readAncestry(trx, products), ids)
    await finishQueued(trx, queued, ids.length < BATCH ? null : ids.at(-1)!)
  })
  return true
}

import { randomInt } from 'node:crypto'
import type { Listing, Trx } from '../database.ts'
import {
  addToCounts,
  copyToCategories,
  countPublished,
  deleteCategoryListings,
  deleteListings,
  insertListings,
  listPopularity,
  productsIn,
  type Products,
} from './queries.ts'

// Replicas count in rows of their own, and do not wait for each other.
const shard = randomInt(16)

const count = async (trx: Trx, products: Products) =>
  Array.isArray(products) && products.length === 0 ? [] : countPublished(trx, products)

/** Runs a change of listings and carries the difference over to the counts of categories. */
const withCounts = async (
  trx: Trx,
  before: Products,
  change: () => Promise<unknown>,
  after: Products = before,
) => {
  const differences = new Map<string, number>()
  const add = (counts: Awaited<ReturnType<typeof count>>, sign: 1 | -1) => {
    for (const { categoryId, currency, products } of counts) {
      const key = `${categoryId} ${currency ?? ''}`
      differences.set(key, (differences.get(key) ?? 0) + sign * products)
    }
  }
  add(await count(trx, before), -1)
  await change()
  add(await count(trx, after), 1)
  const rows = [...differences]
    .filter(([, products]) => products !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, products]) => {
      const [categoryId = '', currency = ''] = key.split(' ')
      return { category_id: categoryId, currency, shard, products }
    })
  if (rows.length > 0) await addToCounts(trx, rows)
}

/** Replaces listings in general and by category; the caller holds the category tree, or a move would be missed. */
export const replaceListings = async (trx: Trx, listings: Listing[], listedIds: string[]) => {
  const ids = listings.map((listing) => listing.product_id)
  const replace = async () => {
    if (listedIds.length > 0) await deleteListings(trx, listedIds)
    if (listings.length === 0) return
    const known = listedIds.length > 0 ? await listPopularity(trx, listedIds) : []
    const popularity = new Map(known.map((row) => [row.id, row.popularity]))
    await insertListings(
      trx,
      listings.map((listing) => ({ ...listing, popularity: popularity.get(listing.product_id) ?? 0 })),
    )
    await copyToCategories(trx, ids)
  }
  await withCounts(trx, listedIds, replace, ids)
}

/** Lists what is in these categories anew, after they moved. The caller holds the category tree alone. */
export const relistCategories = async (trx: Trx, categoryIds: string[]) => {
  const products = productsIn(categoryIds)
  await withCounts(trx, products, async () => {
    await deleteCategoryListings(trx, products)
    await copyToCategories(trx, products)
  })
}

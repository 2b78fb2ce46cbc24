import { randomInt } from 'node:crypto'
import type { Listing, Trx } from '../database.ts'
import {
  addToCounts,
  copyToCategories,
  countPublished,
  deleteListings,
  deleteListingsIn,
  insertListings,
  listPopularity,
} from './queries.ts'

// Replicas count in rows of their own, and do not wait for each other.
const shard = randomInt(16)

interface Listed {
  productIds: string[]
  /** By default all. */
  scopes?: string[]
}

/** Runs a change of listings and carries the difference over to the counts of categories. */
const withCounts = async (
  trx: Trx,
  before: Listed,
  change: () => Promise<unknown>,
  after: Listed = before,
) => {
  const differences = new Map<string, number>()
  const add = async ({ productIds, scopes }: Listed, sign: 1 | -1) => {
    const counts = productIds.length === 0 ? [] : await countPublished(trx, productIds, scopes)
    for (const { categoryId, currency, products } of counts) {
      const key = `${categoryId} ${currency ?? ''}`
      differences.set(key, (differences.get(key) ?? 0) + sign * products)
    }
  }
  await add(before, -1)
  await change()
  await add(after, 1)
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
  await withCounts(trx, { productIds: listedIds }, replace, { productIds: ids })
}

/** Lists products anew in these categories, of which some left them or came. The caller holds the category tree alone. */
export const relistIn = async (trx: Trx, productIds: string[], scopes: string[]) => {
  if (productIds.length + scopes.length === 0) return
  await withCounts(trx, { productIds, scopes }, async () => {
    await deleteListingsIn(trx, productIds, scopes)
    await copyToCategories(trx, productIds, scopes)
  })
}

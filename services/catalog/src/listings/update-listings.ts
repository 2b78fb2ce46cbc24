import { randomInt } from 'node:crypto'
import type { Listing, Trx } from '../database.ts'
import {
  addToCounts,
  copyToCategories,
  countPublished,
  deleteListings,
  deleteListingsIn,
  EVERYTHING,
  insertListings,
  listPopularity,
} from './queries.ts'

// Replicas count in rows of their own, and do not wait for each other.
const shard = randomInt(16)

type Counts = Awaited<ReturnType<typeof countPublished>>

/** Carries the difference over to the counts of categories. */
const recount = async (trx: Trx, before: Counts, after: Counts) => {
  const differences = new Map<string, number>()
  const add = (counts: Counts, sign: 1 | -1) => {
    for (const { categoryId, currency, products } of counts) {
      const key = `${categoryId} ${currency ?? ''}`
      differences.set(key, (differences.get(key) ?? 0) + sign * products)
    }
  }
  add(before, -1)
  add(after, 1)
  const rows = [...differences]
    .filter(([, products]) => products !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, products]) => {
      const [categoryId = '', currency = ''] = key.split(' ')
      return { category_id: categoryId, currency, shard, products }
    })
  if (rows.length > 0) await addToCounts(trx, rows)
}

/** A product with its listings, one for each currency. */
export interface ListedProduct {
  id: string
  categoryIds: string[]
  listings: Listing[]
}

/** As `countPublished`: a published product counts in each of its currencies, and once in all. */
const countsIn = ({ listings }: ListedProduct, scopes: string[]): Counts => {
  const published = listings.filter(({ status }) => status === 'published')
  const currencies = published.length > 0 ? [...published.map(({ currency }) => currency), null] : []
  return scopes.flatMap((categoryId) => currencies.map((currency) => ({ categoryId, currency, products: 1 })))
}

/** Replaces listings in general and by category; the caller holds the category tree, or a move would be missed. */
export const replaceListings = async (
  trx: Trx,
  products: ListedProduct[],
  /** The categories that a product is in or under. */
  categoriesOf: (product: ListedProduct) => { id: string }[],
  listedIds: string[],
) => {
  const isListed = listedIds.length > 0
  const known = isListed ? await listPopularity(trx, listedIds) : []
  const popularity = new Map(known.map((row) => [row.id, row.popularity]))
  const before = isListed ? await countPublished(trx, listedIds) : []
  if (isListed) await deleteListings(trx, listedIds)
  const placed = products.map((product) => ({
    product,
    scopes: [EVERYTHING, ...categoriesOf(product).map(({ id }) => id)],
  }))
  await insertListings(
    trx,
    placed.flatMap(({ product, scopes }) =>
      scopes.flatMap((scope) =>
        product.listings.map((row) => ({ ...row, scope, popularity: popularity.get(product.id) ?? 0 })),
      ),
    ),
  )
  const after = placed.flatMap(({ product, scopes }) => countsIn(product, scopes))
  await recount(trx, before, after)
}

/** Lists products anew in these categories, of which some left them or came. The caller holds the category tree alone. */
export const relistIn = async (trx: Trx, productIds: string[], scopes: string[]) => {
  if (productIds.length + scopes.length === 0) return
  const count = async () => (productIds.length === 0 ? [] : countPublished(trx, productIds, scopes))
  const before = await count()
  await deleteListingsIn(trx, productIds, scopes)
  await copyToCategories(trx, productIds, scopes)
  await recount(trx, before, await count())
}

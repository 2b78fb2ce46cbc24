import { randomInt } from 'node:crypto'
import { sql, type ExpressionBuilder, type RawBuilder } from 'kysely'
import type { Database, Db, Trx } from '../database.ts'
import { lowestPrice, stockStatusOf, type Product } from './product.ts'

/** The scope of a listing that every product has; the others are categories. */
const EVERYTHING = ''

const COLUMNS = [
  'product_id',
  'scope',
  'status',
  'listed_at',
  'name',
  'price_minor',
  'currency',
  'in_stock',
  'popularity',
] as const

/** How a product stands in lists; null for a deleted one. */
export const listingOf = (product: Product) => {
  if (product.status === 'deleted') return null
  const price = lowestPrice(product)
  return {
    product_id: product.id,
    scope: EVERYTHING,
    status: product.status,
    listed_at: product.publishedAt ?? product.createdAt,
    name: product.name,
    price_minor: price?.amount ?? 0,
    currency: price?.currency ?? null,
    in_stock: Number(stockStatusOf(product) !== 'out_of_stock'),
  }
}

/** Copies the general listing of the chosen products to each category that they are in or under. */
const listInCategories = (
  trx: Trx,
  which: (eb: ExpressionBuilder<Database, 'listings'>) => ReturnType<typeof eb>,
) =>
  trx
    .insertInto('listings')
    .columns(COLUMNS)
    .expression((eb) =>
      eb
        .selectFrom('listings')
        .innerJoin('product_categories', 'product_categories.product_id', 'listings.product_id')
        .innerJoin('category_ancestors', 'category_ancestors.category_id', 'product_categories.category_id')
        .select(['listings.product_id', 'category_ancestors.ancestor_id as scope'])
        .select(['status', 'listed_at', 'name', 'price_minor', 'currency', 'in_stock', 'popularity'])
        .distinct()
        .where('listings.scope', '=', EVERYTHING)
        .where((where) => which(where as unknown as ExpressionBuilder<Database, 'listings'>)),
    )
    .execute()

/** Published products per category, among the chosen ones. */
const countPublished = (trx: Trx, productIds: string[] | RawBuilder<string>) =>
  trx
    .selectFrom('listings')
    // The status is no condition: it would draw an optimizer to an index that reads every product.
    .select(['scope', sql<number>`sum(status = 'published')`.as('products')])
    .where('scope', '<>', EVERYTHING)
    .where('product_id', 'in', productIds as string[])
    .groupBy('scope')
    .execute()

// Replicas count in rows of their own.
const shard = randomInt(16)

/** Runs a change of listings and carries what it did over to the counts of categories. */
const counting = async (
  trx: Trx,
  before: string[] | RawBuilder<string>,
  change: () => Promise<string[] | RawBuilder<string>>,
) => {
  const differences = new Map<string, number>()
  const add = (counts: { scope: string; products: number }[], sign: 1 | -1) => {
    for (const { scope, products } of counts)
      differences.set(scope, (differences.get(scope) ?? 0) + sign * products)
  }
  if (!isEmpty(before)) add(await countPublished(trx, before), -1)
  const after = await change()
  if (!isEmpty(after)) add(await countPublished(trx, after), 1)
  const rows = [...differences]
    .filter(([, products]) => products !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([scope, products]) => ({ category_id: scope, shard, products }))
  if (rows.length > 0)
    await trx
      .insertInto('category_counts')
      .values(rows)
      .onDuplicateKeyUpdate({ products: sql`products + values(products)` })
      .execute()
}

const isEmpty = (ids: string[] | RawBuilder<string>) => Array.isArray(ids) && ids.length === 0

/**
 * Lists products anew, everywhere; `listedIds` are those of them that were listed before. The caller holds the
 * tree, or a moved category would be missed.
 */
export const replaceListings = async (trx: Trx, products: Product[], listedIds: string[]) => {
  const listed = products.flatMap((product) => listingOf(product) ?? [])
  const ids = listed.map((row) => row.product_id)
  await counting(trx, listedIds, async () => {
    if (listedIds.length > 0) await trx.deleteFrom('listings').where('product_id', 'in', listedIds).execute()
    if (listed.length === 0) return []
    const popularity = new Map(await listPopularity(trx, listedIds))
    await trx
      .insertInto('listings')
      .values(listed.map((row) => ({ ...row, popularity: popularity.get(row.product_id) ?? 0 })))
      .execute()
    await listInCategories(trx, (eb) => eb('listings.product_id', 'in', ids))
    return ids
  })
}

const listPopularity = async (trx: Trx, ids: string[]) =>
  ids.length === 0
    ? []
    : (await trx.selectFrom('products').select(['id', 'popularity']).where('id', 'in', ids).execute()).map(
        (row): [string, number] => [row.id, row.popularity],
      )

/** Lists everything below a category anew, after it moved. The caller holds the tree alone. */
export const relistSubtree = async (trx: Trx, categoryIds: string[]) => {
  const below = sql<string>`(select product_id from product_categories where category_id in (${sql.join(categoryIds)}))`
  await counting(trx, below, async () => {
    await trx
      .deleteFrom('listings')
      .where('scope', '<>', EVERYTHING)
      .where('product_id', 'in', below as never)
      .execute()
    await listInCategories(trx, (eb) => eb('listings.product_id', 'in', below as never))
    return below
  })
}

export const sorts = ['newest', 'name', 'price', '-price', 'popular'] as const
export type Sort = (typeof sorts)[number]

const ORDER = {
  newest: { column: 'listed_at', direction: 'desc' },
  name: { column: 'name', direction: 'asc' },
  price: { column: 'price_minor', direction: 'asc' },
  '-price': { column: 'price_minor', direction: 'desc' },
  popular: { column: 'popularity', direction: 'desc' },
} as const satisfies Record<Sort, { column: (typeof COLUMNS)[number]; direction: 'asc' | 'desc' }>

export interface ListFilter {
  status: 'draft' | 'published' | 'archived'
  category?: { id: string } | { slug: string } | undefined
  terms?: string[] | undefined
  minPrice?: number | undefined
  maxPrice?: number | undefined
  currency?: string | undefined
  inStock?: boolean | undefined
  sort: Sort
  /** Where the last page ended: its last sort value and product. */
  after?: { value: string | number; id: string } | undefined
  limit: number
}

/**
 * One page of products as they are shown, in one statement that follows the index of its order. The page is cut
 * before products are joined: otherwise an optimizer may read all products and sort them.
 */
export const listViews = (db: Db, filter: ListFilter) => {
  const { direction } = ORDER[filter.sort]
  return db
    .selectFrom(pageOf(db, filter).as('page'))
    .innerJoin('products', 'products.id', 'page.id')
    .select(['page.id', 'page.value', 'products.view'])
    .orderBy('page.value', direction)
    .orderBy('page.id', direction)
    .execute()
}

const pageOf = (db: Db, filter: ListFilter) => {
  const { column, direction } = ORDER[filter.sort]
  const past = direction === 'asc' ? '>' : '<'
  let query = db
    .selectFrom('listings')
    .select(['product_id as id', `${column} as value`])
    .where('status', '=', filter.status)
    .where((eb) =>
      filter.category && 'slug' in filter.category
        ? eb('scope', '=', eb.selectFrom('categories').select('id').where('slug', '=', filter.category.slug))
        : eb('scope', '=', filter.category?.id ?? EVERYTHING),
    )
    .orderBy(column, direction)
    .orderBy('product_id', direction)
    .limit(filter.limit)
  const { after } = filter
  if (after) {
    const value = column === 'listed_at' ? new Date(after.value) : after.value
    query = query
      .where(column, `${past}=`, value as never)
      .where((eb) => eb.or([eb(column, past, value as never), eb('product_id', past, after.id)]))
  }
  if (filter.minPrice !== undefined) query = query.where('price_minor', '>=', filter.minPrice)
  if (filter.maxPrice !== undefined) query = query.where('price_minor', '<=', filter.maxPrice)
  if (filter.currency !== undefined) query = query.where('currency', '=', filter.currency)
  if (filter.inStock !== undefined) query = query.where('in_stock', '=', Number(filter.inStock))
  for (const term of filter.terms ?? [])
    query = query.where('product_id', 'in', (eb) =>
      eb.selectFrom('search_terms').select('search_terms.product_id').where('term', 'like', `${term}%`),
    )
  return query
}

import { sql, type ExpressionBuilder, type RawBuilder } from 'kysely'
import type { Database, Db, Listing, Trx } from '../database.ts'
import { statementsOf } from '../writes.ts'

/** The scope of a listing that every product has; the others are categories. */
const EVERYTHING = ''

/** Products by their ids, or by a subquery that finds them. */
export type Products = string[] | RawBuilder<string>

/** What a listing in a category has of the general one. */
const COPIED = Object.keys({
  status: true,
  listed_at: true,
  name: true,
  price_minor: true,
  currency: true,
  in_stock: true,
  popularity: true,
} satisfies Record<keyof Omit<Database['listings'], 'product_id' | 'scope'>, true>) as (
  keyof Omit<Listing, 'product_id'> | 'popularity'
)[]

export const productsIn = (categoryIds: string[]): Products =>
  sql<string>`(select product_id from product_categories where category_id in (${sql.join(categoryIds)}))`

const isAmong =
  (products: Products) =>
  (eb: ExpressionBuilder<Database, 'listings'>): ReturnType<typeof eb> =>
    eb('listings.product_id', 'in', products as string[])

export const insertListings = (trx: Trx, rows: (Listing & { popularity: number })[]) =>
  trx
    .insertInto('listings')
    .values(rows.map((row) => ({ ...row, scope: EVERYTHING })))
    .execute()

/** Copies the general listing of these products to each category that they are in or under. */
export const copyToCategories = (trx: Trx, products: Products) =>
  trx
    .insertInto('listings')
    .columns(['product_id', 'scope', ...COPIED])
    .expression((eb) =>
      eb
        .selectFrom('listings')
        .innerJoin('product_categories', 'product_categories.product_id', 'listings.product_id')
        .innerJoin('category_ancestors', 'category_ancestors.category_id', 'product_categories.category_id')
        .select(['listings.product_id', 'category_ancestors.ancestor_id as scope'])
        .select(COPIED)
        .distinct()
        .where('listings.scope', '=', EVERYTHING)
        .where((where) => isAmong(products)(where as unknown as ExpressionBuilder<Database, 'listings'>)),
    )
    .execute()

export const deleteListings = (trx: Trx, productIds: string[]) =>
  trx.deleteFrom('listings').where('product_id', 'in', productIds).execute()

export const deleteCategoryListings = (trx: Trx, products: Products) =>
  trx.deleteFrom('listings').where('scope', '<>', EVERYTHING).where(isAmong(products)).execute()

export const listPopularity = (trx: Trx, productIds: string[]) =>
  trx.selectFrom('products').select(['id', 'popularity']).where('id', 'in', productIds).execute()

/** Published products per category, among these. */
export const countPublished = (trx: Trx, products: Products) =>
  trx
    .selectFrom('listings')
    // The status is no condition: it would draw an optimizer to an index that reads every product.
    .select(['scope as categoryId', sql<number>`sum(status = 'published')`.as('products')])
    .where('scope', '<>', EVERYTHING)
    .where(isAmong(products))
    .groupBy('scope')
    .execute()

export const addToCounts = (trx: Trx, rows: { category_id: string; shard: number; products: number }[]) =>
  trx
    .insertInto('category_counts')
    .values(rows)
    .onDuplicateKeyUpdate({ products: sql`products + values(products)` })
    .execute()

export const deleteTerms = (trx: Trx, productIds: string[]) =>
  trx.deleteFrom('search_terms').where('product_id', 'in', productIds).execute()

export const insertTerms = async (trx: Trx, rows: { term: string; product_id: string }[]) => {
  for (const part of statementsOf(rows)) await trx.insertInto('search_terms').values(part).execute()
}

export const sorts = ['newest', 'name', 'price', '-price', 'popular'] as const
export type Sort = (typeof sorts)[number]

const ORDER = {
  newest: { column: 'listed_at', direction: 'desc' },
  name: { column: 'name', direction: 'asc' },
  price: { column: 'price_minor', direction: 'asc' },
  '-price': { column: 'price_minor', direction: 'desc' },
  popular: { column: 'popularity', direction: 'desc' },
} as const satisfies Record<Sort, { column: keyof Database['listings']; direction: 'asc' | 'desc' }>

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
  after?: { value: Date | string | number; id: string } | undefined
  limit: number
}

/**
 * One page of stored summaries, in one statement that follows the index of its order. The page is cut before products
 * are joined: otherwise an optimizer may read all products and sort them.
 */
export const listProducts = (db: Db, filter: ListFilter) => {
  const { direction } = ORDER[filter.sort]
  return db
    .selectFrom(pageFor(db, filter).as('page'))
    .innerJoin('products', 'products.id', 'page.id')
    .select(['page.id', 'page.value', 'products.summary'])
    .orderBy('page.value', direction)
    .orderBy('page.id', direction)
    .execute()
}

const pageFor = (db: Db, filter: ListFilter) => {
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
    query = query
      .where(column, `${past}=`, after.value as never)
      .where((eb) => eb.or([eb(column, past, after.value as never), eb('product_id', past, after.id)]))
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

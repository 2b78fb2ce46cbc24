import { insertRows } from '@storewright/database'
import { sql } from 'kysely'
import type { AttributeRow, Database, Listing, Trx } from '../database.ts'

/** The scope of a listing that every product has; the others are categories. */
export const EVERYTHING = ''

/** What a listing in a category has of the general one. */
const COPIED = Object.keys({
  currency: true,
  status: true,
  listed_at: true,
  name: true,
  price_minor: true,
  in_stock: true,
  popularity: true,
} satisfies Record<keyof Omit<Database['listings'], 'product_id' | 'scope'>, true>) as (
  keyof Omit<Listing, 'product_id'> | 'popularity'
)[]

export const insertListings = (trx: Trx, rows: (Listing & { scope: string; popularity: number })[]) =>
  insertRows(trx, 'listings', rows)

/** Copies the general listings of these products to each category that they are in or under, or to some of those. */
export const copyToCategories = (trx: Trx, productIds: string[], scopes?: string[]) =>
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
        .where('listings.product_id', 'in', productIds)
        .$if(scopes !== undefined, (some) =>
          some.where('category_ancestors.ancestor_id', 'in', scopes ?? []),
        ),
    )
    .execute()

export const deleteListings = (trx: Trx, productIds: string[]) =>
  trx.deleteFrom('listings').where('product_id', 'in', productIds).execute()

export const deleteListingsIn = (trx: Trx, productIds: string[], scopes: string[]) =>
  trx.deleteFrom('listings').where('product_id', 'in', productIds).where('scope', 'in', scopes).execute()

export const listPopularity = (trx: Trx, productIds: string[]) =>
  trx.selectFrom('products').select(['id', 'popularity']).where('id', 'in', productIds).execute()

/** Published products among these, per category and currency; currency null counts each once in all currencies. */
export const countPublished = async (trx: Trx, productIds: string[], scopes?: string[]) => {
  const among = scopes ? sql`and scope in (${sql.join(scopes)})` : sql``
  // The status is no condition: it would draw an optimizer to an index that reads every product.
  const { rows } = await sql<{ categoryId: string | null; currency: string | null; products: number }>`
    select scope as categoryId, currency,
      count(distinct case when status = 'published' then product_id end) as products
    from listings where product_id in (${sql.join(productIds)}) ${among}
    group by scope, currency with rollup`.execute(trx)
  return rows.flatMap(({ categoryId, ...row }) => (categoryId === null ? [] : [{ ...row, categoryId }]))
}

export const addToCounts = (
  trx: Trx,
  rows: { category_id: string; currency: string; shard: number; products: number }[],
) =>
  trx
    .insertInto('category_counts')
    .values(rows)
    .onDuplicateKeyUpdate({ products: sql`products + values(products)` })
    .execute()

export const deleteAttributes = (trx: Trx, productIds: string[]) =>
  trx.deleteFrom('product_attributes').where('product_id', 'in', productIds).execute()

export const insertAttributes = (trx: Trx, rows: AttributeRow[]) =>
  insertRows(trx, 'product_attributes', rows)

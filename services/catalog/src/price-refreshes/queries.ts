import { nowSql } from '@storewright/database'
import { sql } from 'kysely'
import type { Trx } from '../database.ts'

export interface RefreshRow {
  promotionId: string
  /** Null for now, by the database's clock. */
  dueAt: Date | null
  scope: string
}

export const insertRefreshes = (trx: Trx, rows: RefreshRow[]) =>
  trx
    .insertInto('price_refreshes')
    .values(
      rows.map(({ promotionId, dueAt, scope }) => ({
        promotion_id: promotionId,
        due_at: dueAt ?? nowSql,
        scope,
      })),
    )
    .execute()

/** Queues a refresh for now, where promotions run or wait that products may gain or lose by it. */
export const insertRefreshIfPromoted = (trx: Trx, scope: string) =>
  trx
    .insertInto('price_refreshes')
    .columns(['due_at', 'scope'])
    .expression((eb) =>
      eb
        .selectFrom('promotions')
        .select([nowSql.as('due_at'), sql<string>`${scope}`.as('scope')])
        .where('automatic', '=', 1)
        .where('ends_at', '>', nowSql)
        .limit(1),
    )
    .execute()

/** Removes what a promotion planned for later; what is due or under way goes on. */
export const deletePlanned = (trx: Trx, promotionId: string) =>
  trx
    .deleteFrom('price_refreshes')
    .where('promotion_id', '=', promotionId)
    .where('due_at', '>', nowSql)
    .where('after_id', '=', '')
    .execute()

/** The next that is due, locked: of several workers each gets another, and one that dies loses its lock. */
export const claimRefresh = (trx: Trx, at: Date | undefined) =>
  trx
    .selectFrom('price_refreshes')
    .select(['id', 'scope', 'after_id as afterId'])
    .where('due_at', '<=', at ?? nowSql)
    .orderBy('due_at')
    .orderBy('id')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()

export const advance = (trx: Trx, id: number, afterId: string) =>
  trx.updateTable('price_refreshes').set({ after_id: afterId }).where('id', '=', id).execute()

export const postpone = (trx: Trx, id: number) =>
  trx
    .updateTable('price_refreshes')
    .set({ due_at: sql<Date>`${nowSql} + interval 30 second` })
    .where('id', '=', id)
    .execute()

export const deleteRefresh = (trx: Trx, id: number) =>
  trx.deleteFrom('price_refreshes').where('id', '=', id).execute()

export interface Scope {
  productIds: string[]
  /** What is below them included; both empty: every product. */
  categoryIds: string[]
}

const placedIn = (categoryIds: string[]) =>
  sql<boolean>`exists (select 1 from product_categories
    inner join category_ancestors on category_ancestors.category_id = product_categories.category_id
    where product_categories.product_id = products.id
      and category_ancestors.ancestor_id in (${sql.join(categoryIds)}))`

/** The next products of a scope, in the order of their ids. */
export const listProductsAfter = (
  trx: Trx,
  { productIds, categoryIds }: Scope,
  afterId: string,
  limit: number,
) => {
  const query = trx
    .selectFrom('products')
    .select('id')
    .where('id', '>', afterId)
    .where('status', '<>', 'deleted')
    .orderBy('id')
    .limit(limit)
  if (productIds.length + categoryIds.length === 0) return query.execute()
  return query
    .where((eb) =>
      eb.or([
        ...(productIds.length > 0 ? [eb('id', 'in', productIds)] : []),
        ...(categoryIds.length > 0 ? [placedIn(categoryIds)] : []),
      ]),
    )
    .execute()
}

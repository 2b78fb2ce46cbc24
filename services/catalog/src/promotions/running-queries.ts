import type { Money } from '@storewright/contracts'
import { nowSql, parseJson } from '@storewright/database'
import type { Promotion } from '@storewright/promotions/promotion'
import type { RawBuilder } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { MAX_AUTOMATIC } from './queries.ts'

/** The variants on sale among these SKUs, with their prices. */
export const listPricedVariants = async (db: Db, skus: string[]) => {
  const rows = await db
    .selectFrom('variants')
    .innerJoin('products', 'products.id', 'variants.product_id')
    .select(['variants.sku', 'variants.product_id as productId', 'variants.prices'])
    .where('variants.sku', 'in', skus)
    .where('variants.deleted', '=', 0)
    .where('products.status', '=', 'published')
    .execute()
  return rows.map(({ prices, ...row }) => ({ ...row, prices: parseJson<Money[]>(prices) }))
}

/** The categories that products are in or under. */
export const listCategoriesOf = (db: Db | Trx, productIds: string[]) =>
  productIds.length === 0
    ? Promise.resolve([])
    : db
        .selectFrom('product_categories')
        .innerJoin('category_ancestors', 'category_ancestors.category_id', 'product_categories.category_id')
        .select([
          'product_categories.product_id as productId',
          'category_ancestors.ancestor_id as categoryId',
        ])
        .distinct()
        .where('product_categories.product_id', 'in', productIds)
        .execute()

/** Above what may be there at most, for two that were made at once. */
const SOME_MORE = 50

const automatic = (db: Db | Trx, at: Date | RawBuilder<Date>) =>
  db
    .selectFrom('promotions')
    .select('state')
    .where('automatic', '=', 1)
    .where('ends_at', '>', at)
    .where('starts_at', '<=', at)
    .limit(MAX_AUTOMATIC + SOME_MORE)

/** What runs without a code, and the instant that was meant: by default the database's now. */
export const listAutomatic = async (trx: Trx, at: Date | undefined) => {
  const rows = await automatic(trx, at ?? nowSql)
    .select(nowSql.as('now'))
    .execute()
  return {
    promotions: rows.map(({ state }): Promotion => parseJson(state)),
    now: at ?? rows[0]?.now ?? new Date(),
  }
}

/** What runs without a code, and what has one of these codes, whatever its state. */
export const listOffered = async (db: Db, now: Date, codes: string[]): Promise<Promotion[]> => {
  const running = automatic(db, now)
  const rows =
    codes.length === 0
      ? await running.execute()
      : await db
          .selectFrom(running.as('running'))
          .select('state')
          .unionAll(db.selectFrom('promotions').select('state').where('live_code', 'in', codes))
          .execute()
  return rows.map(({ state }) => parseJson(state))
}

/** The categories themselves and all above them. */
export const listAncestors = (trx: Trx, categoryIds: string[]) =>
  categoryIds.length === 0
    ? Promise.resolve([])
    : trx
        .selectFrom('category_ancestors')
        .select(['category_id as categoryId', 'ancestor_id as ancestorId'])
        .where('category_id', 'in', categoryIds)
        .execute()

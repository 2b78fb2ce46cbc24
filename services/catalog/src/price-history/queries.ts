import type { Money } from '@storewright/contracts'
import { insertRows } from '@storewright/database'
import { sql, type Insertable } from 'kysely'
import type { Database, Db, Trx } from '../database.ts'
import type { SalePeriod } from './lowest-price.ts'

const moneyOf = (amount: number | null, currency: string | null): Money | null =>
  amount === null || currency === null ? null : { amount, currency }

export const insertPriceChanges = (trx: Trx, rows: Insertable<Database['price_history']>[]) =>
  insertRows(trx, 'price_history', rows)

/** When customers were asked what for these SKUs, as far as it reaches beyond an instant. */
export const listPeriodsAfter = async (
  trx: Trx,
  skus: string[],
  after: Date,
): Promise<(SalePeriod & { id: number; sku: string; currency: string })[]> =>
  skus.length === 0
    ? []
    : trx
        .selectFrom('sale_periods')
        .select(['id', 'sku', 'currency', 'amount_minor as amount', 'from_at as from', 'until_at as until'])
        .where('sku', 'in', skus)
        .where('until_at', '>', after)
        .execute()

/** Ends periods; one that a replica with a faster clock began does not end before it began. */
export const closePeriods = (trx: Trx, ids: number[], at: Date) =>
  trx
    .updateTable('sale_periods')
    .set({ until_at: sql`greatest(from_at, ${at})` })
    .where('id', 'in', ids)
    .execute()

export const insertPeriods = (trx: Trx, rows: Insertable<Database['sale_periods']>[]) =>
  insertRows(trx, 'sale_periods', rows)

/** Whether a SKU is known, deleted ones included, and what decides who may see it. */
export const findVisibility = (db: Db, sku: string) =>
  db
    .selectFrom('variants')
    .innerJoin('products', 'products.id', 'variants.product_id')
    .select(['products.id as productId', 'products.status', 'variants.deleted'])
    .where('variants.sku', '=', sku)
    .executeTakeFirst()

/** A SKU's past prices, newest first, in all currencies or in one. */
export const listPriceHistory = async (
  db: Db,
  filter: { sku: string; currency?: string | undefined; beforeId?: number | undefined; limit: number },
) => {
  let query = db
    .selectFrom('price_history')
    .select(['id', 'price_minor', 'currency', 'previous_minor', 'previous_currency', 'compare_at_minor'])
    .select(['removed', 'lowest_before_minor', 'effective_at', 'reason', 'changed_by'])
    .where('sku', '=', filter.sku)
    .orderBy('id', 'desc')
    .limit(filter.limit)
  if (filter.currency !== undefined) query = query.where('currency', '=', filter.currency)
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  return (await query.execute()).map((row) => ({
    id: row.id,
    price: { amount: row.price_minor, currency: row.currency },
    compareAtPrice: moneyOf(row.compare_at_minor, row.currency),
    removed: row.removed === 1,
    previousPrice: moneyOf(row.previous_minor, row.previous_currency),
    lowestPrice30Days: { amount: row.lowest_before_minor, currency: row.currency },
    effectiveAt: row.effective_at,
    reason: row.reason,
    changedBy: row.changed_by,
  }))
}

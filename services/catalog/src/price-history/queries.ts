import type { Money } from '@storewright/contracts'
import type { Insertable } from 'kysely'
import type { Database, Db, Trx } from '../database.ts'
import type { PriceStep } from './lowest-price.ts'

const moneyOf = (amount: number | null, currency: string | null): Money | null =>
  amount === null || currency === null ? null : { amount, currency }

export const insertPriceChanges = (trx: Trx, rows: Insertable<Database['price_history']>[]) =>
  trx.insertInto('price_history').values(rows).execute()

/** How the prices of these SKUs moved after an instant. */
export const listStepsAfter = async (
  trx: Trx,
  skus: string[],
  after: Date,
): Promise<(PriceStep & { sku: string })[]> => {
  if (skus.length === 0) return []
  const rows = await trx
    .selectFrom('price_history')
    .select(['sku', 'price_minor', 'currency', 'previous_minor', 'previous_currency', 'effective_at'])
    .where('sku', 'in', skus)
    .where('effective_at', '>', after)
    .execute()
  return rows.map((row) => ({
    sku: row.sku,
    at: row.effective_at,
    price: { amount: row.price_minor, currency: row.currency },
    previous: moneyOf(row.previous_minor, row.previous_currency),
  }))
}

/** Whether a SKU is known, deleted ones included, and what decides who may see it. */
export const findVisibility = (db: Db, sku: string) =>
  db
    .selectFrom('variants')
    .innerJoin('products', 'products.id', 'variants.product_id')
    .select(['products.status', 'variants.deleted'])
    .where('variants.sku', '=', sku)
    .executeTakeFirst()

/** A SKU's past prices, newest first. */
export const listPriceHistory = async (
  db: Db,
  { sku, beforeId, limit }: { sku: string; beforeId?: number | undefined; limit: number },
) => {
  let query = db
    .selectFrom('price_history')
    .select(['id', 'price_minor', 'currency', 'previous_minor', 'previous_currency'])
    .select(['lowest_before_minor', 'effective_at', 'reason'])
    .where('sku', '=', sku)
    .orderBy('id', 'desc')
    .limit(limit)
  if (beforeId !== undefined) query = query.where('id', '<', beforeId)
  return (await query.execute()).map((row) => ({
    id: row.id,
    price: { amount: row.price_minor, currency: row.currency },
    previousPrice: moneyOf(row.previous_minor, row.previous_currency),
    lowestPrice30Days: { amount: row.lowest_before_minor, currency: row.currency },
    effectiveAt: row.effective_at,
    reason: row.reason,
  }))
}

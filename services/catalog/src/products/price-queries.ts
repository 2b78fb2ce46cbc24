import type { Money } from '@storewright/contracts'
import type { Db, Trx } from '../database.ts'
import type { PriceStep } from './price.ts'

export interface PriceChange {
  sku: string
  price: Money
  previous: Money | null
  lowestBefore: number
  effectiveAt: Date
  reason: string | null
  changedBy: string | null
}

const moneyOf = (amount: number | null, currency: string | null): Money | null =>
  amount === null || currency === null ? null : { amount, currency }

export const insertPriceChanges = async (trx: Trx, changes: PriceChange[]) => {
  if (changes.length === 0) return
  await trx
    .insertInto('price_history')
    .values(
      changes.map((change) => ({
        sku: change.sku,
        price_minor: change.price.amount,
        currency: change.price.currency,
        previous_minor: change.previous?.amount ?? null,
        previous_currency: change.previous?.currency ?? null,
        lowest_before_minor: change.lowestBefore,
        effective_at: change.effectiveAt,
        reason: change.reason,
        changed_by: change.changedBy,
      })),
    )
    .execute()
}

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

/** A SKU's past prices, newest first. */
export const listHistory = async (
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

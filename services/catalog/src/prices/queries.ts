import { nowSql } from '@storewright/database'
import { sql } from 'kysely'
import type { Db, ScheduleState, Trx } from '../database.ts'
import type { StatedPrice } from '../products/variant-prices.ts'

/** A price that a variant is to have from an instant on. */
export interface ScheduledPrice extends StatedPrice {
  id: string
  sku: string
  effectiveAt: Date
  reason: string | null
  requestedBy: string | null
}

const columns = [
  'id',
  'sku',
  'price_minor as amount',
  'currency',
  'compare_at_minor as compareAt',
  'effective_at as effectiveAt',
  'reason',
  'requested_by as requestedBy',
] as const

/** The time of the database, by which plans are due. */
export const readClock = async (trx: Trx): Promise<Date> => {
  const { rows } = await sql<{ now: Date }>`select ${nowSql} as now`.execute(trx)
  return rows[0]!.now
}

export const listPlansAt = (trx: Trx, sku: string, at: Date): Promise<ScheduledPrice[]> =>
  trx
    .selectFrom('scheduled_prices')
    .select(columns)
    .where('sku', '=', sku)
    .where('effective_at', '=', at)
    .execute()

export const countWaiting = async (trx: Trx, sku: string) => {
  const { plans } = await trx
    .selectFrom('scheduled_prices')
    .select(sql<number>`count(*)`.as('plans'))
    .where('sku', '=', sku)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  return Number(plans)
}

export const insertScheduledPrices = (trx: Trx, plans: ScheduledPrice[]) =>
  trx
    .insertInto('scheduled_prices')
    .values(
      plans.map((plan) => ({
        id: plan.id,
        sku: plan.sku,
        price_minor: plan.amount,
        currency: plan.currency,
        compare_at_minor: plan.compareAt,
        effective_at: plan.effectiveAt,
        reason: plan.reason,
        requested_by: plan.requestedBy,
        state: 'waiting' as const,
        failure: null,
      })),
    )
    .execute()

const due = (trx: Trx) =>
  trx
    .selectFrom('scheduled_prices')
    .where('state', '=', 'waiting')
    .where('effective_at', '<=', nowSql)
    .orderBy('effective_at')
    .orderBy('id')

/** SKUs with plans that are due, the longest waiting first; without a lock. */
export const listDueSkus = async (trx: Trx, limit: number): Promise<string[]> => {
  const rows = await due(trx).select('sku').limit(limit).execute()
  return [...new Set(rows.map(({ sku }) => sku))]
}

const MAX_PLANS = 1_000

/** The oldest plans that are due of these SKUs; their products are locked, so that nobody else applies a later one. */
export const lockDuePrices = async (trx: Trx, skus: string[]): Promise<ScheduledPrice[]> => {
  if (skus.length === 0) return []
  // Found first and locked by their ids: a locking search would wait for the plans of others.
  const found = await due(trx).select('id').where('sku', 'in', skus).limit(MAX_PLANS).execute()
  const ids = found.map(({ id }) => id)
  return ids.length === 0 ? [] : due(trx).select(columns).where('id', 'in', ids).forUpdate().execute()
}

/** Records that waiting plans, which the caller locked, were applied or failed. */
export const closeScheduledPrices = (trx: Trx, ids: string[], state: ScheduleState, failure: string | null) =>
  trx.updateTable('scheduled_prices').set({ state, failure }).where('id', 'in', ids).execute()

/** A SKU's plans that are still to come, or failed. */
export const listScheduledPrices = (db: Db, sku: string, limit: number) =>
  db
    .selectFrom('scheduled_prices')
    .select([...columns, 'state', 'failure'])
    .where('sku', '=', sku)
    .where('state', '<>', 'applied')
    .orderBy('effective_at')
    .orderBy('currency')
    .limit(limit)
    .execute()

/** Cancels a plan that was not applied; false where there is none. */
export const deleteScheduledPrice = async (db: Db, sku: string, id: string) => {
  const { numDeletedRows } = await db
    .deleteFrom('scheduled_prices')
    .where('id', '=', id)
    .where('sku', '=', sku)
    .where('state', '<>', 'applied')
    .executeTakeFirst()
  return numDeletedRows > 0n
}

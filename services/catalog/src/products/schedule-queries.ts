import type { Money } from '@storewright/contracts'
import { sql } from 'kysely'
import type { Db, ScheduleState, Trx } from '../database.ts'

export interface ScheduledPrice {
  id: string
  sku: string
  price: Money
  effectiveAt: Date
  reason: string | null
  requestedBy: string | null
}

export const upsertScheduledPrice = (trx: Trx, plan: ScheduledPrice) =>
  trx
    .insertInto('scheduled_prices')
    .values({
      id: plan.id,
      sku: plan.sku,
      price_minor: plan.price.amount,
      currency: plan.price.currency,
      effective_at: plan.effectiveAt,
      reason: plan.reason,
      requested_by: plan.requestedBy,
      state: 'waiting',
      failure: null,
    })
    .onDuplicateKeyUpdate({
      price_minor: sql`values(price_minor)`,
      currency: sql`values(currency)`,
      reason: sql`values(reason)`,
      requested_by: sql`values(requested_by)`,
      state: 'waiting',
      failure: null,
    })
    .execute()

const columns = [
  'id',
  'sku',
  'price_minor',
  'currency',
  'effective_at as effectiveAt',
  'reason',
  'requested_by as requestedBy',
] as const

const planOf = <Row extends { price_minor: number; currency: string }>({
  price_minor,
  currency,
  ...plan
}: Row) => ({ ...plan, price: { amount: price_minor, currency } })

/**
 * The next plan that is due, locked: of several workers each gets another one. The lock is the lease, and a worker
 * that dies loses it with its connection.
 */
export const claimDuePrice = async (trx: Trx, now: Date): Promise<ScheduledPrice | undefined> => {
  const row = await trx
    .selectFrom('scheduled_prices')
    .select(columns)
    .where('state', '=', 'waiting')
    .where('effective_at', '<=', now)
    .orderBy('effective_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row && planOf(row)
}

export const closeScheduledPrice = (trx: Trx, id: string, state: ScheduleState, failure: string | null) =>
  trx
    .updateTable('scheduled_prices')
    .set({ state, failure })
    .where('id', '=', id)
    // Another worker may have settled it after a rollback here.
    .where('state', '=', 'waiting')
    .execute()

/** A SKU's plans that are still to come, or failed. */
export const listScheduledPrices = async (db: Db, sku: string) => {
  const rows = await db
    .selectFrom('scheduled_prices')
    .select([...columns, 'state', 'failure'])
    .where('sku', '=', sku)
    .where('state', '<>', 'applied')
    .orderBy('effective_at')
    .limit(100)
    .execute()
  return rows.map(planOf)
}

/** Takes back a plan that has not begun; false where there is none. */
export const deleteScheduledPrice = async (db: Db, sku: string, id: string) => {
  const { numDeletedRows } = await db
    .deleteFrom('scheduled_prices')
    .where('id', '=', id)
    .where('sku', '=', sku)
    .where('state', '<>', 'applied')
    .executeTakeFirst()
  return numDeletedRows > 0n
}

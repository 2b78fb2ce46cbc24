import type { Money } from '@storewright/contracts'
import type { Db, ScheduleState, Trx } from '../database.ts'
import { overwriteExcept } from '../writes.ts'

export interface ScheduledPrice {
  id: string
  sku: string
  price: Money
  effectiveAt: Date
  reason: string | null
  requestedBy: string | null
}

/** Replaces what was scheduled for the same SKU and instant, whatever became of it. */
export const upsertScheduledPrice = (trx: Trx, scheduled: ScheduledPrice) => {
  const row = {
    id: scheduled.id,
    sku: scheduled.sku,
    price_minor: scheduled.price.amount,
    currency: scheduled.price.currency,
    effective_at: scheduled.effectiveAt,
    reason: scheduled.reason,
    requested_by: scheduled.requestedBy,
    state: 'waiting' as const,
    failure: null,
  }
  return trx
    .insertInto('scheduled_prices')
    .values(row)
    .onDuplicateKeyUpdate(overwriteExcept([row], ['id', 'sku', 'effective_at']))
    .execute()
}

const columns = [
  'id',
  'sku',
  'price_minor',
  'currency',
  'effective_at as effectiveAt',
  'reason',
  'requested_by as requestedBy',
] as const

const toScheduledPrice = <Row extends { price_minor: number; currency: string }>({
  price_minor,
  currency,
  ...rest
}: Row) => ({ ...rest, price: { amount: price_minor, currency } })

/** The next one that is due, locked: of several workers each gets another, and one that dies loses its lock. */
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
  return row && toScheduledPrice(row)
}

/** Records that a waiting price was applied or failed. */
export const closeScheduledPrice = (trx: Trx, id: string, state: ScheduleState, failure: string | null) =>
  trx
    .updateTable('scheduled_prices')
    .set({ state, failure })
    .where('id', '=', id)
    // Another worker may have closed it after a rollback here.
    .where('state', '=', 'waiting')
    .execute()

/** A SKU's scheduled prices that are still to come, or failed. */
export const listScheduledPrices = async (db: Db, sku: string) => {
  const rows = await db
    .selectFrom('scheduled_prices')
    .select([...columns, 'state', 'failure'])
    .where('sku', '=', sku)
    .where('state', '<>', 'applied')
    .orderBy('effective_at')
    .limit(100)
    .execute()
  return rows.map(toScheduledPrice)
}

/** Cancels a price that was not applied; false where there is none. */
export const deleteScheduledPrice = async (db: Db, sku: string, id: string) => {
  const { numDeletedRows } = await db
    .deleteFrom('scheduled_prices')
    .where('id', '=', id)
    .where('sku', '=', sku)
    .where('state', '<>', 'applied')
    .executeTakeFirst()
  return numDeletedRows > 0n
}

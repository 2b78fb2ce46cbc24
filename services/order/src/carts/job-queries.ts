import { parseJson } from '@storewright/database'
import { sql } from 'kysely'
import type { Trx } from '../database.ts'

/** Of the index that finds them, so that other replicas take others. */
const AT_ONCE = 100
const DELETED_AT_ONCE = 500

const minutes = (count: number) => sql`interval ${count} minute`

const lockDue = async (trx: Trx, column: 'activity_due_at' | 'abandon_due_at', restSeconds: number) => {
  const rows = await trx
    .selectFrom('carts')
    .select(['id', 'user_id as userId', 'currency', 'lines', 'updated_at as updatedAt'])
    .where(column, '<=', sql<Date>`utc_timestamp(6) - interval ${restSeconds} second`)
    .where('status', '=', 'open')
    .orderBy(column)
    .limit(AT_ONCE)
    .forUpdate()
    .skipLocked()
    .execute()
  return rows.map((row) => ({ ...row, lines: parseJson(row.lines) }))
}
export type DueCart = Awaited<ReturnType<typeof lockDue>>[number]

/** Some open carts whose first unreported change is so many seconds ago. */
export const lockCartsWithActivity = (trx: Trx, restSeconds: number) =>
  lockDue(trx, 'activity_due_at', restSeconds)

export const clearActivity = (trx: Trx, ids: readonly string[]) =>
  trx.updateTable('carts').set({ activity_due_at: null }).where('id', 'in', ids).execute()

export const lockCartsToBeAbandoned = (trx: Trx) => lockDue(trx, 'abandon_due_at', 0)

export const markAbandoned = (trx: Trx, ids: readonly string[], now: Date) =>
  trx.updateTable('carts').set({ abandon_due_at: null, abandoned_at: now }).where('id', 'in', ids).execute()

export const postponeAbandonment = (trx: Trx, ids: readonly string[], afterMinutes: number) =>
  trx
    .updateTable('carts')
    .set({ abandon_due_at: sql`updated_at + ${minutes(afterMinutes)}` })
    .where('id', 'in', ids)
    .execute()

export const deleteExpired = async (trx: Trx): Promise<boolean> => {
  const expired = await trx
    .selectFrom('carts')
    .select('id')
    .where('expires_at', '<=', sql<Date>`utc_timestamp(6)`)
    .where('status', '!=', 'ordered')
    .orderBy('expires_at')
    .limit(DELETED_AT_ONCE)
    .forUpdate()
    .skipLocked()
    .execute()
  const ids = expired.map(({ id }) => id)
  if (ids.length > 0) await trx.deleteFrom('carts').where('id', 'in', ids).execute()
  return ids.length === DELETED_AT_ONCE
}

import type { Db, Trx } from '../database.ts'

export interface ReceivedNotice {
  provider: string
  eventId: string
  type: string
  attemptId: string | null
}

/** False where it was received before. */
export const insertNotice = async (trx: Trx, notice: ReceivedNotice, now: Date): Promise<boolean> => {
  const { provider, eventId, type, attemptId } = notice
  const result = await trx
    .insertInto('payment_notices')
    .ignore()
    .values({ provider, event_id: eventId, type, attempt_id: attemptId, received_at: now })
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) === 1
}

export const lockAuthorization = (trx: Trx, id: string) =>
  trx
    .selectFrom('payment_attempts')
    .select(['id', 'order_id as orderId', 'provider', 'state', 'reference', 'amount_minor as amountMinor'])
    .select(['currency', 'correlation_id as correlationId'])
    .where('id', '=', id)
    .where('kind', '=', 'authorize')
    .forUpdate()
    .executeTakeFirst()
export type LockedAuthorization = NonNullable<Awaited<ReturnType<typeof lockAuthorization>>>

export const setReference = (trx: Trx, id: string, reference: string) =>
  trx.updateTable('payment_attempts').set({ reference }).where('id', '=', id).execute()

export const findWithdrawal = (trx: Trx, authorizationId: string) =>
  trx
    .selectFrom('payment_attempts')
    .select(['id', 'kind', 'state', 'reference'])
    .where('uniqueness_key', '=', `void:${authorizationId}`)
    .forUpdate()
    .executeTakeFirst()

/** A withdrawal is due now, also one that found nothing to withdraw. */
export const withdrawNow = (trx: Trx, id: string, reference: string, now: Date) =>
  trx
    .updateTable('payment_attempts')
    .set({ state: 'open', due_at: now, tries: 0, resolved_at: null, authorization_reference: reference })
    .where('id', '=', id)
    .execute()

export const markStuck = (trx: Trx, id: string, now: Date, reason: string) =>
  trx.updateTable('payment_attempts').set({ stuck_at: now, reason }).where('id', '=', id).execute()

/** Forgets the oldest notices before this moment, a bounded number; returns how many. */
export const deleteNotices = async (db: Db, before: Date, limit: number): Promise<number> => {
  const result = await db
    .deleteFrom('payment_notices')
    .where('received_at', '<', before)
    .orderBy('received_at')
    .limit(limit)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** What staff should look at, since the longest first. */
export const listStuck = (
  db: Db,
  { after, limit }: { after: { since: Date; id: string } | undefined; limit: number },
) => {
  let query = db
    .selectFrom('payment_attempts')
    .select(['id', 'order_id as orderId', 'kind', 'provider', 'state', 'tries', 'reason', 'currency'])
    .select(['amount_minor as amountMinor', 'stuck_at as stuckAt', 'due_at as dueAt'])
    .where('stuck_at', 'is not', null)
  if (after) {
    query = query
      .where('stuck_at', '>=', after.since)
      .where((eb) => eb.or([eb('stuck_at', '>', after.since), eb('id', '>', after.id)]))
  }
  return query.orderBy('stuck_at').orderBy('id').limit(limit).execute()
}

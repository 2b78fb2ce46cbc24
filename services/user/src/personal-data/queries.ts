import { sql } from 'kysely'
import type { Database, Db, Trx } from '../database.ts'

export interface ErasureRow {
  id: string
  userId: string
  requestedAt: Date
  completedAt: Date | null
  receipts: Receipt[]
}

const personalTables = [
  'user_roles',
  'addresses',
  'preferences',
  'consents',
  'activity',
  'one_time_tokens',
  'known_networks',
  'mail_counts',
] as const satisfies readonly (keyof Database)[]

/** Longer than any access token lives. */
const SESSION_KEPT_MS = 90_000_000

/** Deletes a person's rows in all tables but `users`; returns how many. */
export const deletePersonalRows = async (trx: Trx, userId: string, now: Date): Promise<number> => {
  const sessions = await trx
    .updateTable('sessions')
    .set({
      address: null,
      device: null,
      // Kept as long as one of their tokens may be valid, for the list of revocations.
      expires_at: sql<Date>`least(expires_at, ${new Date(now.getTime() + SESSION_KEPT_MS)})`,
    })
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('address', 'is not', null), eb('device', 'is not', null)]))
    .executeTakeFirst()
  await trx
    .deleteFrom('refresh_tokens')
    .where('session_id', 'in', (eb) => eb.selectFrom('sessions').select('id').where('user_id', '=', userId))
    .execute()
  let rows = sessions.numUpdatedRows
  for (const table of personalTables) {
    const { numDeletedRows } = await trx.deleteFrom(table).where('user_id', '=', userId).executeTakeFirst()
    rows += numDeletedRows
  }
  return Number(rows)
}

/** Reduces the account to its id; its address is free again. */
export const anonymiseAccount = async (trx: Trx, userId: string) => {
  await trx
    .updateTable('users')
    .set({
      email: `${userId}@erased.invalid`,
      name: null,
      password_hash: '',
      status: 'erased',
      email_verified_at: null,
      pending_email: null,
      version: sql`version + 1`,
    })
    .where('id', '=', userId)
    .execute()
}

interface Receipt {
  service: string
  /** How many the person was taken out of; null while the service has not answered. */
  records: number | null
  erasedAt: Date | null
}

const receiptRow = (erasureId: string, { service, records, erasedAt }: Receipt) => ({
  erasure_id: erasureId,
  ...{ service, records, erased_at: erasedAt },
})

export const insertErasure = async (
  trx: Trx,
  { id, userId, requestedBy }: { id: string; userId: string; requestedBy: 'owner' | 'staff' },
  receipts: readonly Receipt[],
  now: Date,
) => {
  await trx
    .insertInto('erasures')
    .values({ id, user_id: userId, requested_by: requestedBy, requested_at: now, completed_at: null })
    .execute()
  const rows = receipts.map((receipt) => receiptRow(id, receipt))
  await trx.insertInto('erasure_receipts').values(rows).execute()
}

const withReceipts = async (
  db: Db | Trx,
  erasure: Omit<ErasureRow, 'receipts'> | undefined,
): Promise<ErasureRow | undefined> => {
  if (!erasure) return undefined
  const receipts = await db
    .selectFrom('erasure_receipts')
    .select(['service', 'records', 'erased_at as erasedAt'])
    .where('erasure_id', '=', erasure.id)
    .orderBy('service')
    .execute()
  return { ...erasure, receipts }
}

const erasures = (db: Db | Trx) =>
  db
    .selectFrom('erasures')
    .select(['id', 'user_id as userId', 'requested_at as requestedAt', 'completed_at as completedAt'])

export const findErasure = async (db: Db | Trx, id: string) =>
  withReceipts(db, await erasures(db).where('id', '=', id).executeTakeFirst())

export const findErasureOf = async (db: Db | Trx, userId: string) =>
  withReceipts(db, await erasures(db).where('user_id', '=', userId).executeTakeFirst())

/** Of two concurrent receipts the second waits here, and then sees the first. */
export const lockErasure = (trx: Trx, id: string) =>
  erasures(trx).where('id', '=', id).forUpdate().executeTakeFirst()

/** The first receipt of a service counts; a repeat changes nothing. */
export const saveReceipt = async (trx: Trx, { erasureId, ...receipt }: Receipt & { erasureId: string }) => {
  await trx
    .insertInto('erasure_receipts')
    .values(receiptRow(erasureId, receipt))
    .onDuplicateKeyUpdate({
      records: sql`coalesce(records, values(records))`,
      erased_at: sql`coalesce(erased_at, values(erased_at))`,
    })
    .execute()
}

/** Completes the erasure once no receipt is missing. */
export const completeErasure = async (trx: Trx, id: string, now: Date) => {
  const receipts = trx.selectFrom('erasure_receipts').select('service').where('erasure_id', '=', id)
  const running = trx.updateTable('erasures').where('id', '=', id).where('completed_at', 'is', null)
  await running
    .where(({ not, exists }) => not(exists(receipts.where('erased_at', 'is', null))))
    .set({ completed_at: now })
    .execute()
}

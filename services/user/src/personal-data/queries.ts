import { sql } from 'kysely'
import type { Database, Db, Trx } from '../database.ts'

export interface ErasureRow {
  id: string
  requestedAt: Date
  completedAt: Date | null
  receipts: { service: string; records: number | null; erasedAt: Date | null }[]
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

export const insertErasure = async (
  trx: Trx,
  erasure: { id: string; userId: string; requestedBy: 'owner' | 'staff' },
  receipts: readonly { service: string; records: number | null }[],
  now: Date,
) => {
  await trx
    .insertInto('erasures')
    .values({
      id: erasure.id,
      user_id: erasure.userId,
      requested_by: erasure.requestedBy,
      requested_at: now,
      completed_at: null,
    })
    .execute()
  await trx
    .insertInto('erasure_receipts')
    .values(
      receipts.map(({ service, records }) => ({
        erasure_id: erasure.id,
        service,
        records,
        erased_at: records === null ? null : now,
      })),
    )
    .execute()
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
  db.selectFrom('erasures').select(['id', 'requested_at as requestedAt', 'completed_at as completedAt'])

export const findErasure = async (db: Db | Trx, id: string) =>
  withReceipts(db, await erasures(db).where('id', '=', id).executeTakeFirst())

export const findErasureOf = async (db: Db | Trx, userId: string) =>
  withReceipts(db, await erasures(db).where('user_id', '=', userId).executeTakeFirst())

/** Of two concurrent receipts the second waits here, and then sees the first. */
export const lockErasure = (trx: Trx, id: string) =>
  trx
    .selectFrom('erasures')
    .select(['id', 'user_id as userId', 'completed_at as completedAt'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()

/** The first receipt of a service counts; a repeat changes nothing. */
export const saveReceipt = async (
  trx: Trx,
  receipt: { erasureId: string; service: string; records: number; erasedAt: Date },
) => {
  await trx
    .insertInto('erasure_receipts')
    .values({
      erasure_id: receipt.erasureId,
      service: receipt.service,
      records: receipt.records,
      erased_at: receipt.erasedAt,
    })
    .onDuplicateKeyUpdate({
      records: sql`coalesce(records, values(records))`,
      erased_at: sql`coalesce(erased_at, values(erased_at))`,
    })
    .execute()
}

/** Completes the erasure once no receipt is missing. */
export const completeErasure = async (trx: Trx, id: string, now: Date) => {
  await trx
    .updateTable('erasures')
    .set({ completed_at: now })
    .where('id', '=', id)
    .where('completed_at', 'is', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('erasure_receipts')
            .select('service')
            .where('erasure_id', '=', id)
            .where('erased_at', 'is', null),
        ),
      ),
    )
    .execute()
}

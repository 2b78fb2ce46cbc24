import type { Origin } from '../audit-log/activity.ts'
import { deleteBatch, type Db, type RowsOf, type Trx } from '../database.ts'

export interface SessionRow {
  id: string
  createdAt: Date
  lastUsedAt: Date
  expiresAt: Date
  address: string | null
  device: string | null
}

const columns = [
  'id',
  'created_at as createdAt',
  'last_used_at as lastUsedAt',
  'expires_at as expiresAt',
  'address',
  'device',
] as const

const sessionsOf = (db: Db | Trx, userId: string) => db.selectFrom('sessions').where('user_id', '=', userId)
const unendedOf = (db: Db | Trx, userId: string) => sessionsOf(db, userId).where('revoked_at', 'is', null)
const openOf = (db: Db | Trx, userId: string, now: Date) =>
  unendedOf(db, userId).where('expires_at', '>', now)

/** An account's open sessions, newest first. */
export const listSessions = (
  db: Db,
  { userId, before, limit }: { userId: string; before: string | undefined; limit: number },
  now: Date,
): Promise<SessionRow[]> =>
  openOf(db, userId, now)
    .select(columns)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** All of an account's sessions, ended ones too, by id. */
export const listAllSessions = (db: Db, { userId, after, limit }: RowsOf) => {
  const rows = sessionsOf(db, userId).where('id', '>', after).orderBy('id').limit(limit)
  return rows.select([...columns, 'revoked_at as revokedAt']).execute()
}

export const lockOpenSession = (trx: Trx, userId: string, sessionId: string, now: Date) =>
  openOf(trx, userId, now).select('id').where('id', '=', sessionId).forUpdate().executeTakeFirst()

export const insertSession = async (
  trx: Trx,
  { id, userId, expiresAt, origin }: { id: string; userId: string; expiresAt: Date; origin: Origin },
  now: Date,
) => {
  const times = { created_at: now, last_used_at: now, expires_at: expiresAt, revoked_at: null }
  const { address, device } = origin
  await trx
    .insertInto('sessions')
    .values({ id, user_id: userId, ...times, address, device })
    .execute()
}

const tokenWith = (trx: Trx, tokenHash: string) =>
  trx.selectFrom('refresh_tokens').where('token_hash', '=', tokenHash)

export const insertRefreshToken = async (trx: Trx, sessionId: string, tokenHash: string, now: Date) => {
  const unspent = { created_at: now, spent_at: null, successor_salt: null }
  await trx
    .insertInto('refresh_tokens')
    .values({ token_hash: tokenHash, session_id: sessionId, ...unspent })
    .execute()
}

export const findSessionOfToken = async (trx: Trx, tokenHash: string) => {
  const row = await tokenWith(trx, tokenHash).select('session_id as sessionId').executeTakeFirst()
  return row?.sessionId
}

export const lockSession = (trx: Trx, sessionId: string) =>
  trx
    .selectFrom('sessions')
    .select(['user_id as userId', 'expires_at as expiresAt', 'revoked_at as revokedAt'])
    .where('id', '=', sessionId)
    .forUpdate()
    .executeTakeFirst()

export const findRefreshToken = (trx: Trx, tokenHash: string) =>
  tokenWith(trx, tokenHash)
    .select(['spent_at as spentAt', 'successor_salt as successorSalt'])
    .executeTakeFirst()

export const spendRefreshToken = async (trx: Trx, tokenHash: string, successorSalt: string, now: Date) => {
  const unspent = trx.updateTable('refresh_tokens').where('spent_at', 'is', null)
  await unspent
    .set({ spent_at: now, successor_salt: successorSalt })
    .where('token_hash', '=', tokenHash)
    .execute()
}

export const renewSession = async (
  trx: Trx,
  { id, expiresAt, origin }: { id: string; expiresAt: Date; origin: Origin },
  now: Date,
) => {
  const { address, device } = origin
  const session = trx.updateTable('sessions').where('id', '=', id)
  await session.set({ last_used_at: now, expires_at: expiresAt, address, device }).execute()
}

/** Locks in the order of ids, so that two who end an account's sessions queue up instead of deadlocking. */
export const lockUnendedSessions = (trx: Trx, userId: string) =>
  unendedOf(trx, userId).select('id').orderBy('id').forUpdate().execute()

/** The account's open sessions but for the `except` that were used last. */
export const listLeastUsedSessions = (trx: Trx, userId: string, { except }: { except: number }, now: Date) =>
  openOf(trx, userId, now)
    .select('id')
    .orderBy('last_used_at', 'desc')
    .orderBy('id', 'desc')
    .offset(except)
    .limit(1_000)
    .execute()

/** True where this call ended the session, false where it had ended or never existed. */
export const markEnded = async (trx: Trx, sessionId: string, now: Date) => {
  const unended = trx.updateTable('sessions').where('id', '=', sessionId).where('revoked_at', 'is', null)
  return (await unended.set({ revoked_at: now }).executeTakeFirst()).numUpdatedRows > 0n
}

export const listRevokedSessions = (db: Db, since: Date) => {
  const revoked = db.selectFrom('sessions').where('revoked_at', '>', since)
  return revoked.select(['id as sessionId', 'revoked_at as revokedAt']).execute()
}

export const deleteStaleSessions = (db: Db, before: { expiry: Date; spent: Date }): Promise<boolean> =>
  deleteBatch(
    db.deleteFrom('sessions').where('expires_at', '<', before.expiry),
    db.deleteFrom('refresh_tokens').where('spent_at', '<', before.spent),
  )

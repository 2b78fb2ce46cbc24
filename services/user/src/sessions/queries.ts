import type { Origin } from '../audit-log/activity.ts'
import type { Db, Trx } from '../database.ts'

export interface SessionRow {
  id: string
  createdAt: Date
  lastUsedAt: Date
  expiresAt: Date
  address: string | null
  device: string | null
}

/** An account's open sessions, newest first. */
export const listSessions = (
  db: Db,
  { userId, before, limit }: { userId: string; before: string | undefined; limit: number },
  now: Date,
): Promise<SessionRow[]> =>
  db
    .selectFrom('sessions')
    .select([
      'id',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
      'expires_at as expiresAt',
      'address',
      'device',
    ])
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const lockOpenSession = (trx: Trx, userId: string, sessionId: string, now: Date) =>
  trx
    .selectFrom('sessions')
    .select('id')
    .where('id', '=', sessionId)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .forUpdate()
    .executeTakeFirst()

export const insertSession = async (
  trx: Trx,
  session: { id: string; userId: string; expiresAt: Date; origin: Origin },
  now: Date,
) => {
  await trx
    .insertInto('sessions')
    .values({
      id: session.id,
      user_id: session.userId,
      created_at: now,
      last_used_at: now,
      expires_at: session.expiresAt,
      revoked_at: null,
      address: session.origin.address,
      device: session.origin.device,
    })
    .execute()
}

export const insertRefreshToken = async (trx: Trx, sessionId: string, tokenHash: string, now: Date) => {
  await trx
    .insertInto('refresh_tokens')
    .values({
      token_hash: tokenHash,
      session_id: sessionId,
      created_at: now,
      spent_at: null,
      successor_salt: null,
    })
    .execute()
}

export const findSessionOfToken = async (trx: Trx, tokenHash: string) => {
  const row = await trx
    .selectFrom('refresh_tokens')
    .select('session_id as sessionId')
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
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
  trx
    .selectFrom('refresh_tokens')
    .select(['spent_at as spentAt', 'successor_salt as successorSalt'])
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()

export const spendRefreshToken = async (trx: Trx, tokenHash: string, successorSalt: string, now: Date) => {
  await trx
    .updateTable('refresh_tokens')
    .set({ spent_at: now, successor_salt: successorSalt })
    .where('token_hash', '=', tokenHash)
    .where('spent_at', 'is', null)
    .execute()
}

export const renewSession = async (
  trx: Trx,
  sessionId: string,
  { expiresAt, origin }: { expiresAt: Date; origin: Origin },
  now: Date,
) => {
  await trx
    .updateTable('sessions')
    .set({ last_used_at: now, expires_at: expiresAt, address: origin.address, device: origin.device })
    .where('id', '=', sessionId)
    .execute()
}

/** Locks in the order of ids, so that two who end an account's sessions queue up instead of deadlocking. */
export const lockOpenSessions = (trx: Trx, userId: string) =>
  trx
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()

/** The account's open sessions but for the `except` that were used last. */
export const listLeastUsedSessions = (trx: Trx, userId: string, { except }: { except: number }, now: Date) =>
  trx
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('last_used_at', 'desc')
    .orderBy('id', 'desc')
    .offset(except)
    .limit(1_000)
    .execute()

/** True where this call ended the session, false where it had ended or never existed. */
export const markEnded = async (trx: Trx, sessionId: string, now: Date) => {
  const { numUpdatedRows } = await trx
    .updateTable('sessions')
    .set({ revoked_at: now })
    .where('id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export const listRevokedSessions = (db: Db, since: Date) =>
  db
    .selectFrom('sessions')
    .select(['id as sessionId', 'revoked_at as revokedAt'])
    .where('revoked_at', '>', since)
    .execute()

const BATCH = 500

/** Deletes a batch of expired sessions and spent tokens; false once nothing is left. */
export const deleteStaleSessions = async (
  db: Db,
  before: { expiry: Date; spent: Date },
): Promise<boolean> => {
  const sessions = await db
    .deleteFrom('sessions')
    .where('expires_at', '<', before.expiry)
    .limit(BATCH)
    .executeTakeFirst()
  const tokens = await db
    .deleteFrom('refresh_tokens')
    .where('spent_at', '<', before.spent)
    .limit(BATCH)
    .executeTakeFirst()
  return [sessions, tokens].some(({ numDeletedRows }) => numDeletedRows >= BigInt(BATCH))
}

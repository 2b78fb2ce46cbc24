import type { Origin } from '../activity/activity.ts'
import type { Db, Trx } from '../database.ts'

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

/** True where this call ended the session, false where it was over or never there. */
export const markEnded = async (trx: Trx, sessionId: string, now: Date) => {
  const { numUpdatedRows } = await trx
    .updateTable('sessions')
    .set({ revoked_at: now })
    .where('id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Locks the account, so that no session opens while its sessions end, and no password is taken that was changed. */
export const lockCredentials = (trx: Trx, userId: string) =>
  trx
    .selectFrom('users')
    .select([
      'email',
      'email_verified_at as emailVerifiedAt',
      'pending_email as pendingEmail',
      'name',
      'status',
      'version',
      'password_hash as passwordHash',
    ])
    .where('id', '=', userId)
    .forUpdate()
    .executeTakeFirst()

export const findCredentials = (db: Db, userId: string) =>
  db
    .selectFrom('users')
    .select(['email', 'name', 'status', 'password_hash as passwordHash'])
    .where('id', '=', userId)
    .executeTakeFirst()

/** Puts a stronger hash of the same password in place of `known`, unless the password was changed meanwhile. */
export const strengthenHash = async (trx: Trx, userId: string, known: string, passwordHash: string) => {
  await trx
    .updateTable('users')
    .set({ password_hash: passwordHash })
    .where('id', '=', userId)
    .where('password_hash', '=', known)
    .execute()
}

const BATCH = 500

/** Removes a batch of what nobody asks for any more; false once nothing is left. */
export const deleteStale = async (
  db: Db,
  before: { sessions: Date; spentTokens: Date; failures: Date; networks: Date; mails: Date },
): Promise<boolean> => {
  const results = [
    await db.deleteFrom('sessions').where('expires_at', '<', before.sessions).limit(BATCH).executeTakeFirst(),
    await db
      .deleteFrom('refresh_tokens')
      .where('spent_at', '<', before.spentTokens)
      .limit(BATCH)
      .executeTakeFirst(),
    await db
      .deleteFrom('login_failures')
      .where('last_failed_at', '<', before.failures)
      .limit(BATCH)
      .executeTakeFirst(),
    await db
      .deleteFrom('known_networks')
      .where('seen_at', '<', before.networks)
      .limit(BATCH)
      .executeTakeFirst(),
    await db
      .deleteFrom('one_time_tokens')
      .where('expires_at', '<', before.sessions)
      .limit(BATCH)
      .executeTakeFirst(),
    await db.deleteFrom('mail_counts').where('since', '<', before.mails).limit(BATCH).executeTakeFirst(),
    await db.deleteFrom('mailbox_counts').where('since', '<', before.mails).limit(BATCH).executeTakeFirst(),
  ]
  return results.some((result) => result.numDeletedRows >= BigInt(BATCH))
}

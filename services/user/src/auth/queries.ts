import type { Db, Trx } from '../database.ts'

export const insertSession = async (
  trx: Trx,
  session: { id: string; userId: string; expiresAt: Date },
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
      address: null,
      device: null,
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

/** Locks token and session, so that of two refreshes with one token the second sees what the first did. */
export const lockRefreshToken = (trx: Trx, tokenHash: string) =>
  trx
    .selectFrom('refresh_tokens')
    .innerJoin('sessions', 'sessions.id', 'refresh_tokens.session_id')
    .select([
      'sessions.id as sessionId',
      'sessions.user_id as userId',
      'sessions.expires_at as expiresAt',
      'sessions.revoked_at as revokedAt',
      'refresh_tokens.spent_at as spentAt',
    ])
    .where('token_hash', '=', tokenHash)
    .forUpdate()
    .executeTakeFirst()

export const spendRefreshToken = async (trx: Trx, tokenHash: string, now: Date) => {
  await trx
    .updateTable('refresh_tokens')
    .set({ spent_at: now })
    .where('token_hash', '=', tokenHash)
    .where('spent_at', 'is', null)
    .execute()
}

export const prolongSession = async (trx: Trx, sessionId: string, expiresAt: Date, now: Date) => {
  await trx
    .updateTable('sessions')
    .set({ last_used_at: now, expires_at: expiresAt })
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

export const findLock = (db: Db, emailHash: string) =>
  db
    .selectFrom('login_failures')
    .select('locked_until as lockedUntil')
    .where('scope_hash', '=', emailHash)
    .executeTakeFirst()

/** Locks the address's failures, none included, so that guesses made at the same time count one after another. */
export const lockFailures = async (trx: Trx, emailHash: string, now: Date) => {
  await trx
    .insertInto('login_failures')
    .values({
      scope_hash: emailHash,
      account_hash: emailHash,
      failures: 0,
      last_failed_at: now,
      locked_until: null,
    })
    .onDuplicateKeyUpdate({ scope_hash: emailHash })
    .execute()
  return trx
    .selectFrom('login_failures')
    .select(['failures', 'last_failed_at as lastFailedAt', 'locked_until as lockedUntil'])
    .where('scope_hash', '=', emailHash)
    .forUpdate()
    .executeTakeFirstOrThrow()
}

export const recordFailures = async (
  trx: Trx,
  emailHash: string,
  { failures, lockedUntil }: { failures: number; lockedUntil: Date | null },
  now: Date,
) => {
  await trx
    .updateTable('login_failures')
    .set({ failures, last_failed_at: now, locked_until: lockedUntil })
    .where('scope_hash', '=', emailHash)
    .execute()
}

export const forgetFailures = async (trx: Trx, emailHash: string) => {
  await trx.deleteFrom('login_failures').where('scope_hash', '=', emailHash).execute()
}

const BATCH = 500

/** Removes a batch of what nobody asks for any more; false once nothing is left. */
export const deleteStale = async (
  db: Db,
  before: { sessions: Date; spentTokens: Date; failures: Date },
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
  ]
  return results.some((result) => result.numDeletedRows >= BigInt(BATCH))
}

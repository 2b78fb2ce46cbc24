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

export const lockSessionOf = (trx: Trx, userId: string, sessionId: string, now: Date) =>
  trx
    .selectFrom('sessions')
    .select('id')
    .where('id', '=', sessionId)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .forUpdate()
    .executeTakeFirst()

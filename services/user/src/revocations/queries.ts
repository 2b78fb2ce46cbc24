import type { Db } from '../database.ts'

/** Sessions that ended since then; those of erased people too, as long as a token of theirs may be alive. */
export const listRevokedSessions = (db: Db, since: Date) =>
  db
    .selectFrom('sessions')
    .select(['id as sessionId', 'revoked_at as revokedAt'])
    .where('revoked_at', '>', since)
    .execute()

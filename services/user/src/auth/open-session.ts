import { newId } from '@storewright/database'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import type { Trx } from '../database.ts'
import { endSession } from './end-session.ts'
import { insertRefreshToken, insertSession, listLeastUsedSessions } from './queries.ts'
import { fingerprint, newSecret } from './secret.ts'

/** What a client needs to go on: whose session it is, and the secret that renews it. */
export interface OpenSession {
  sessionId: string
  refreshToken: string
}

/** So many sessions an account may have at once: a script that logs in over and over must not fill the table. */
const MOST_SESSIONS = 100

/**
 * Opens a session with its first refresh token; only the token's hash is kept. Where the account has as many as it
 * may, the one that was not used for longest ends. The caller holds the account's row.
 */
export const openSession = async (
  trx: Trx,
  { userId, ttlSeconds, origin }: { userId: string; ttlSeconds: number; origin: Origin },
  now: Date,
): Promise<OpenSession> => {
  for (const { id } of await listLeastUsedSessions(trx, userId, { except: MOST_SESSIONS - 1 }, now)) {
    await endSession(trx, { sessionId: id, userId }, 'too-many-sessions', now)
    const details = { sessionId: id, reason: 'too-many-sessions' }
    await insertActivity(trx, { userId, type: 'session-ended', details }, now)
  }
  const sessionId = newId()
  const refreshToken = newSecret()
  const expiresAt = new Date(now.getTime() + ttlSeconds * 1_000)
  await insertSession(trx, { id: sessionId, userId, expiresAt, origin }, now)
  await insertRefreshToken(trx, sessionId, fingerprint(refreshToken), now)
  return { sessionId, refreshToken }
}

import { newId } from '@storewright/database'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Trx } from '../database.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { endSession } from './end-session.ts'
import { insertRefreshToken, insertSession, listLeastUsedSessions } from './queries.ts'

/** A session, and the secret that renews it. */
export interface OpenSession {
  sessionId: string
  refreshToken: string
}

// A script that logs in over and over must not fill the table.
const MAX_SESSIONS = 100

/** Opens a session, ending the least recently used beyond the maximum. The caller locks the account. */
export const openSession = async (
  trx: Trx,
  { userId, ttlSeconds, origin }: { userId: string; ttlSeconds: number; origin: Origin },
  now: Date,
): Promise<OpenSession> => {
  for (const { id } of await listLeastUsedSessions(trx, userId, { except: MAX_SESSIONS - 1 }, now)) {
    await endSession(trx, { sessionId: id, userId }, 'too-many-sessions', now)
    const details = { sessionId: id, reason: 'too-many-sessions' }
    await recordActivity(trx, { userId, type: 'session-ended', details }, now)
  }
  const sessionId = newId()
  const refreshToken = newSecret()
  const expiresAt = new Date(now.getTime() + ttlSeconds * 1_000)
  await insertSession(trx, { id: sessionId, userId, expiresAt, origin }, now)
  await insertRefreshToken(trx, sessionId, hashSecret(refreshToken), now)
  return { sessionId, refreshToken }
}

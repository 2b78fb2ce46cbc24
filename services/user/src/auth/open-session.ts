import { newId } from '@storewright/database'
import type { Trx } from '../database.ts'
import { insertRefreshToken, insertSession } from './queries.ts'
import { fingerprint, newRefreshToken } from './refresh-token.ts'

/** What a client needs to go on: whose session it is, and the secret that renews it. */
export interface OpenSession {
  sessionId: string
  refreshToken: string
}

/** Opens a session with its first refresh token; only the token's hash is kept. */
export const openSession = async (
  trx: Trx,
  { userId, ttlSeconds }: { userId: string; ttlSeconds: number },
  now: Date,
): Promise<OpenSession> => {
  const sessionId = newId()
  const refreshToken = newRefreshToken()
  await insertSession(
    trx,
    { id: sessionId, userId, expiresAt: new Date(now.getTime() + ttlSeconds * 1000) },
    now,
  )
  await insertRefreshToken(trx, sessionId, fingerprint(refreshToken), now)
  return { sessionId, refreshToken }
}

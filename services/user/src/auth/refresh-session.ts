import type { User } from '../accounts/account.ts'
import { describeUser } from '../accounts/account.ts'
import { findAccount } from '../accounts/queries.ts'
import type { Trx } from '../database.ts'
import { endSession } from './end-session.ts'
import type { OpenSession } from './open-session.ts'
import { insertRefreshToken, lockRefreshToken, prolongSession, spendRefreshToken } from './queries.ts'
import { fingerprint, newRefreshToken } from './refresh-token.ts'

export type Refreshed = ({ outcome: 'renewed'; user: User } & OpenSession) | { outcome: 'refused' | 'reused' }

/**
 * Spends a refresh token for the next one. A spent one that turns up again was copied: then nobody can tell
 * thief from owner, and the whole session ends. Returned and not thrown, because the end must be committed.
 */
export const refreshSession = async (
  trx: Trx,
  { refreshToken, ttlSeconds }: { refreshToken: string; ttlSeconds: number },
  now: Date,
): Promise<Refreshed> => {
  const tokenHash = fingerprint(refreshToken)
  const token = await lockRefreshToken(trx, tokenHash)
  if (!token || token.revokedAt || token.expiresAt <= now) return { outcome: 'refused' }

  const { sessionId, userId } = token
  if (token.spentAt) {
    await endSession(trx, { sessionId, userId }, 'refresh-reuse', now)
    return { outcome: 'reused' }
  }

  const account = await findAccount(trx, userId)
  if (!account) return { outcome: 'refused' }
  const next = newRefreshToken()
  await spendRefreshToken(trx, tokenHash, now)
  await insertRefreshToken(trx, sessionId, fingerprint(next), now)
  await prolongSession(trx, sessionId, new Date(now.getTime() + ttlSeconds * 1000), now)
  return { outcome: 'renewed', user: describeUser(account), sessionId, refreshToken: next }
}

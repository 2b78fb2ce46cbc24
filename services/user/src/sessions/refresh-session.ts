import { findUser } from '../accounts/accounts.ts'
import type { User } from '../accounts/user.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Trx } from '../database.ts'
import { deriveSecret, hashSecret, newSecret } from '../secrets.ts'
import { endSession } from './end-session.ts'
import type { OpenSession } from './open-session.ts'
import {
  findRefreshToken,
  findSessionOfToken,
  insertRefreshToken,
  lockSession,
  renewSession,
  spendRefreshToken,
} from './queries.ts'

export type Refreshed = ({ outcome: 'renewed'; user: User } & OpenSession) | { outcome: 'refused' | 'reused' }

export interface RefreshTerms {
  ttlSeconds: number
  /** How long a spent token still returns its successor. 0: never. */
  graceSeconds: number
}

/** Exchanges a refresh token for the next one. A session's tokens are one chain, of which only the last is unspent; a
 * spent token that comes again was copied, so the session ends. For clients that lost the response it returns the
 * same successor for `graceSeconds`, while that is unused: a thief gains nothing, since the first use of the
 * successor by either spends the other's. The successor is derived from the spent token and a stored salt. Outcomes
 * are returned instead of thrown because the end of a session must be committed. */
export const refreshSession = async (
  trx: Trx,
  { refreshToken, origin, ttlSeconds, graceSeconds }: RefreshTerms & { refreshToken: string; origin: Origin },
  now: Date,
): Promise<Refreshed> => {
  const tokenHash = hashSecret(refreshToken)
  const sessionId = await findSessionOfToken(trx, tokenHash)
  if (sessionId === undefined) return { outcome: 'refused' }
  // The session's row stands for all its tokens: concurrent requests with any of them queue up.
  const session = await lockSession(trx, sessionId)
  if (!session || session.revokedAt || session.expiresAt <= now) return { outcome: 'refused' }
  const { userId } = session
  const user = await findUser(trx, userId)
  if (user?.status !== 'active') return { outcome: 'refused' }

  const reused = async (): Promise<Refreshed> => {
    await endSession(trx, { sessionId, userId }, 'refresh-reuse', now)
    await recordActivity(trx, { userId, type: 'refresh-reused', origin }, now)
    return { outcome: 'reused' }
  }
  const renewed = async (next: string): Promise<Refreshed> => {
    const expiresAt = new Date(now.getTime() + ttlSeconds * 1_000)
    await renewSession(trx, { id: sessionId, expiresAt, origin }, now)
    return { outcome: 'renewed', user, sessionId, refreshToken: next }
  }

  const token = await findRefreshToken(trx, tokenHash)
  if (!token) return { outcome: 'refused' }
  if (token.spentAt === null) {
    const salt = newSecret()
    const next = deriveSecret(refreshToken, salt)
    await spendRefreshToken(trx, tokenHash, salt, now)
    await insertRefreshToken(trx, sessionId, hashSecret(next), now)
    return renewed(next)
  }

  // The time may be negative: a request that waited for the lock may be older than the token's use.
  const inGrace = graceSeconds > 0 && now.getTime() - token.spentAt.getTime() < graceSeconds * 1_000
  if (!inGrace || token.successorSalt === null) return reused()
  const successor = deriveSecret(refreshToken, token.successorSalt)
  const found = await findRefreshToken(trx, hashSecret(successor))
  return found?.spentAt === null ? renewed(successor) : reused()
}

import { describeUser, type User } from '../accounts/account.ts'
import { findAccount } from '../accounts/queries.ts'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import type { Trx } from '../database.ts'
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
import { deriveSecret, fingerprint, newSecret } from './secret.ts'

export type Refreshed = ({ outcome: 'renewed'; user: User } & OpenSession) | { outcome: 'refused' | 'reused' }

export interface RefreshTerms {
  ttlSeconds: number
  /** How long a spent token still answers with its successor. 0: never. */
  graceSeconds: number
}

/**
 * Spends a refresh token for the next one. A session's tokens are one chain: each has one successor, and one token,
 * the last, is unspent.
 *
 * A spent token that turns up again was copied: nobody can tell thief from owner then, and the session ends. Except
 * that a client whose answer was lost, and a second tab of the same browser, send a spent token in all honesty. So
 * for `graceSeconds` after it was spent, and only while its successor was not used, a spent token is answered with
 * that same successor again: the retry makes no second branch, and who has raced has the same token in hand.
 *
 * This opens nothing to a thief. A copy is good for nothing once the owner has used the next token, whatever the
 * time. A copy that is sent within the grace gets the one token that the owner has too: as soon as one of them uses
 * it, the other's is spent and, used later than the grace, ends the session. A thief would have to hit those
 * seconds after each of the owner's refreshes, which nothing tells him, and cannot try without being first.
 *
 * The successor is not kept: it is made of the spent token, which only its holders know, and of a random salt
 * beside its hash. Outcomes are returned and not thrown, because the end of a session must be committed.
 */
export const refreshSession = async (
  trx: Trx,
  { refreshToken, origin, ttlSeconds, graceSeconds }: RefreshTerms & { refreshToken: string; origin: Origin },
  now: Date,
): Promise<Refreshed> => {
  const tokenHash = fingerprint(refreshToken)
  const sessionId = await findSessionOfToken(trx, tokenHash)
  if (sessionId === undefined) return { outcome: 'refused' }
  // The session's row stands for all its tokens: two who come with one token, or with it and the next, queue up.
  const session = await lockSession(trx, sessionId)
  if (!session || session.revokedAt || session.expiresAt <= now) return { outcome: 'refused' }
  const { userId } = session
  const account = await findAccount(trx, userId)
  if (account?.status !== 'active') return { outcome: 'refused' }

  const reused = async (): Promise<Refreshed> => {
    await endSession(trx, { sessionId, userId }, 'refresh-reuse', now)
    await insertActivity(trx, { userId, type: 'refresh-reused', origin }, now)
    return { outcome: 'reused' }
  }
  const renewed = async (next: string): Promise<Refreshed> => {
    const expiresAt = new Date(now.getTime() + ttlSeconds * 1_000)
    await renewSession(trx, sessionId, { expiresAt, origin }, now)
    return { outcome: 'renewed', user: describeUser(account), sessionId, refreshToken: next }
  }

  const token = await findRefreshToken(trx, tokenHash)
  if (!token) return { outcome: 'refused' }
  if (token.spentAt === null) {
    const salt = newSecret()
    const next = deriveSecret(refreshToken, salt)
    await spendRefreshToken(trx, tokenHash, salt, now)
    await insertRefreshToken(trx, sessionId, fingerprint(next), now)
    return renewed(next)
  }

  // No grace at all, and not below zero: who waited for the lock may have come before the token was spent.
  const inGrace = graceSeconds > 0 && now.getTime() - token.spentAt.getTime() < graceSeconds * 1_000
  if (!inGrace || token.successorSalt === null) return reused()
  const successor = deriveSecret(refreshToken, token.successorSalt)
  const found = await findRefreshToken(trx, fingerprint(successor))
  return found?.spentAt === null ? renewed(successor) : reused()
}

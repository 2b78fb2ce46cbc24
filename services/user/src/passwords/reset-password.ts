import { PasswordChanged } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import { emitUserChanged, findCredentials, updateAccount } from '../accounts/accounts.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import { clearFailures, trustOnlyNetwork } from '../credentials/login-throttle.ts'
import { deleteTokens, findValidToken, invalidToken, redeemToken } from '../credentials/one-time-tokens.ts'
import type { Passwords } from '../credentials/passwords.ts'
import { requireStrongPassword } from '../credentials/weak-password.ts'
import type { Db } from '../database.ts'
import { endSessionsOf } from '../sessions/end-session.ts'

/** Sets a new password by mail: ends all sessions, drops a pending address, opens locks and verifies the mailbox. */
export const resetPassword = async (
  { db, passwords }: { db: Db; passwords: Passwords },
  { token, password, origin }: { token: string; password: string; origin: Origin },
  clock = () => new Date(),
) => {
  // Before the cost of a hash, and without using the token up where the password is refused.
  const sent = await findValidToken(db, 'password', token, clock())
  const owner = sent && (await findCredentials(db, sent.userId))
  if (owner?.status !== 'active' || owner.email !== sent?.email) throw invalidToken()
  requireStrongPassword(password, owner)
  const passwordHash = await passwords.hash(password)

  await inTransaction(db, async (trx) => {
    const now = clock()
    const { userId, email, account } = await redeemToken(trx, 'password', token, now)
    if (account.status !== 'active' || account.email !== email) throw invalidToken()
    const newlyVerified = account.emailVerifiedAt === null
    await updateAccount(trx, userId, {
      password_hash: passwordHash,
      pending_email: null,
      ...(newlyVerified ? { email_verified_at: now } : {}),
    })
    await deleteTokens(trx, userId, 'email', 'password')
    await endSessionsOf(trx, userId, 'password-reset', now)
    await clearFailures(trx, email)
    await trustOnlyNetwork(trx, { userId, origin }, now)
    await recordActivity(trx, { userId, type: 'password-reset', origin }, now)
    await emit(trx, PasswordChanged, {
      userId,
      email,
      name: account.name,
      by: 'reset',
      changedAt: now.toISOString(),
    })
    if (!newlyVerified) return
    await recordActivity(trx, { userId, type: 'email-verified', origin }, now)
    await emitUserChanged(trx, userId, now)
  })
}

import { PasswordChanged } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import { endSessionsOf } from '../auth/end-session.ts'
import { forgetFailuresOf, knowOnly } from '../auth/guesses.ts'
import { peekToken, redeemToken, refuseToken } from '../auth/one-time-token.ts'
import { findCredentials } from '../auth/queries.ts'
import { deleteTokensOf } from '../auth/token-queries.ts'
import type { Db } from '../database.ts'
import { changeAccount } from '../profile/queries.ts'
import { tellChange } from '../profile/tell-change.ts'
import type { Passwords } from './passwords.ts'
import { requireGoodPassword } from './weak-password.ts'

/**
 * Lets whoever reads the account's mail choose a new password. All sessions end, an e-mail address that was to come is
 * off (whoever knew the old password may have asked for it), the account's locks open, and the mailbox counts as
 * proved. A token that went to an address that the account has no more is dead.
 */
export const resetPassword = async (
  { db, passwords }: { db: Db; passwords: Passwords },
  { token, password, origin }: { token: string; password: string; origin: Origin },
  clock = () => new Date(),
) => {
  // Before the price of a hash is paid, and before the token is used up by a password that cannot be taken.
  const sent = await peekToken(db, 'password', token, clock())
  const owner = sent && (await findCredentials(db, sent.userId))
  if (owner?.status !== 'active' || owner.email !== sent?.email) throw refuseToken()
  requireGoodPassword(password, owner)
  const passwordHash = await passwords.hash(password)

  await inTransaction(db, async (trx) => {
    const now = clock()
    const { userId, email, account } = await redeemToken(trx, 'password', token, now)
    if (account.status !== 'active' || account.email !== email) throw refuseToken()
    const proved = account.emailVerifiedAt === null
    await changeAccount(trx, userId, {
      password_hash: passwordHash,
      pending_email: null,
      ...(proved ? { email_verified_at: now } : {}),
    })
    await deleteTokensOf(trx, userId, 'email', 'password')
    await endSessionsOf(trx, userId, 'password-reset', now)
    await forgetFailuresOf(trx, email)
    await knowOnly(trx, { userId, origin }, now)
    await insertActivity(trx, { userId, type: 'password-reset', origin }, now)
    await emit(trx, PasswordChanged, {
      userId,
      email,
      name: account.name,
      by: 'reset',
      changedAt: now.toISOString(),
    })
    if (!proved) return
    await insertActivity(trx, { userId, type: 'email-verified', origin }, now)
    await tellChange(trx, userId, now)
  })
}

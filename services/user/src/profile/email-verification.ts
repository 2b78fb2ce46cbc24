import { EmailChanged, EmailVerificationRequested } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { Problem } from '@storewright/service-kit/http'
import { emitUserChanged, lockActiveAccount, updateAccount } from '../accounts/accounts.ts'
import { emitContactChanged } from '../accounts/contact.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import {
  countMail,
  countMailTo,
  deleteTokens,
  invalidToken,
  issueToken,
  redeemToken,
} from '../credentials/one-time-tokens.ts'
import type { Trx } from '../database.ts'

/** Has a token mailed that proves the mailbox; it replaces the one sent before. */
export const requestVerification = async (
  trx: Trx,
  recipient: { userId: string; email: string; name: string | null; purpose: 'registration' | 'change' },
  now: Date,
) => {
  const { userId, email } = recipient
  const { token, expiresAt } = await issueToken(trx, { userId, purpose: 'email', email }, now)
  await emit(trx, EmailVerificationRequested, { ...recipient, token, expiresAt: expiresAt.toISOString() })
}

/** Ends the request where the account, or all accounts together for this new address, requested too many mails. */
export const requireMailAllowance = async (
  trx: Trx,
  { userId, pendingEmail }: { userId: string; pendingEmail: string | null },
  now: Date,
) => {
  const own = await countMail(trx, userId, 'email', now)
  const seconds = own === 0 && pendingEmail !== null ? await countMailTo(trx, pendingEmail, now) : own
  if (seconds > 0) {
    throw new Problem('too-many-requests', 'Look for the mails that were sent, also among the unwanted.', {
      retryAfter: seconds,
    })
  }
}

/** Sends the mail again, to the pending address if there is one; does nothing where everything is verified. */
export const resendVerification = async (trx: Trx, userId: string, now: Date) => {
  const { email, pendingEmail, name, emailVerifiedAt } = await lockActiveAccount(trx, userId)
  if (pendingEmail === null && emailVerifiedAt !== null) return
  await requireMailAllowance(trx, { userId, pendingEmail }, now)
  const recipient =
    pendingEmail === null
      ? { userId, name, email, purpose: 'registration' as const }
      : { userId, name, email: pendingEmail, purpose: 'change' as const }
  await requestVerification(trx, recipient, now)
}

/** Verifies the account's address, or makes the pending one its address. A taken one throws a duplicate key error. */
export const verifyEmail = async (
  trx: Trx,
  { token, origin }: { token: string; origin: Origin },
  now: Date,
) => {
  const { userId, email, account } = await redeemToken(trx, 'email', token, now)
  if (account.status === 'erased') throw invalidToken()
  if (email === account.pendingEmail) {
    await updateAccount(trx, userId, { email, pending_email: null, email_verified_at: now })
    // A reset that the old mailbox was sent must not open the account any more.
    await deleteTokens(trx, userId, 'password')
    const { email: previousEmail, name } = account
    await emit(trx, EmailChanged, { userId, previousEmail, email, name, changedAt: now.toISOString() })
    await recordActivity(trx, { userId, type: 'email-changed', origin }, now)
  } else if (email === account.email) {
    if (account.emailVerifiedAt !== null) return
    await updateAccount(trx, userId, { email_verified_at: now })
    await recordActivity(trx, { userId, type: 'email-verified', origin }, now)
  } else throw invalidToken()
  await emitUserChanged(trx, userId, now)
  await emitContactChanged(trx, userId, now)
}

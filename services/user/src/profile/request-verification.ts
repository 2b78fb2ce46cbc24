import { EmailVerificationRequested } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { Problem } from '@storewright/service-kit/http'
import { countMail, countMailTo, issueToken } from '../auth/one-time-token.ts'
import { lockCredentials } from '../auth/queries.ts'
import type { Trx } from '../database.ts'

/** Has a mailbox asked to prove that it belongs to the account. What was asked before is void. */
export const requestVerification = async (
  trx: Trx,
  recipient: { userId: string; email: string; name: string | null; purpose: 'registration' | 'change' },
  now: Date,
) => {
  const { userId, email } = recipient
  const { token, expiresAt } = await issueToken(trx, { userId, purpose: 'email', email }, now)
  await emit(trx, EmailVerificationRequested, { ...recipient, token, expiresAt: expiresAt.toISOString() })
}

/** Ends the request where the account has asked for too many mails already, or all together to this new address. */
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

/** Sends the mail again, to the new address where there is one to come; nothing where all is proved. */
export const resendVerification = async (trx: Trx, userId: string, now: Date) => {
  const account = await lockCredentials(trx, userId)
  if (account?.status !== 'active')
    throw new Problem('invalid-token', 'This session has ended. Log in again.')
  const { email, pendingEmail, name, emailVerifiedAt } = account
  if (pendingEmail === null && emailVerifiedAt !== null) return
  await requireMailAllowance(trx, { userId, pendingEmail }, now)
  const recipient =
    pendingEmail === null
      ? { userId, name, email, purpose: 'registration' as const }
      : { userId, name, email: pendingEmail, purpose: 'change' as const }
  await requestVerification(trx, recipient, now)
}

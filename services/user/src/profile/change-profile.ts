import { Problem } from '@storewright/service-kit/http'
import { describeUser, type User } from '../accounts/account.ts'
import { findAccount, findByEmail } from '../accounts/queries.ts'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import { lockCredentials } from '../auth/queries.ts'
import { emailTaken } from '../auth/read-email.ts'
import { deleteTokensOf } from '../auth/token-queries.ts'
import type { Trx } from '../database.ts'
import { changeAccount } from './queries.ts'
import { requestVerification, requireMailAllowance } from './request-verification.ts'

export interface ProfileChange {
  name?: string | null | undefined
  /** Normalised, by somebody who knows the password: it takes effect once its mailbox was proved. */
  email?: string | undefined
}

/** Changes what an account's owner may change by themselves; `check` sees the version that is about to change. */
export const changeProfile = async (
  trx: Trx,
  {
    userId,
    change,
    confirmedHash,
    origin,
  }: {
    userId: string
    change: ProfileChange
    /** What the password was checked against; by now it may be another one. */
    confirmedHash?: string | undefined
    origin: Origin
  },
  check: (current: { version: number }) => void,
  now: Date,
): Promise<User> => {
  const account = await lockCredentials(trx, userId)
  if (account?.status !== 'active')
    throw new Problem('invalid-token', 'This session has ended. Log in again.')
  if (confirmedHash !== undefined && account.passwordHash !== confirmedHash) {
    throw new Problem('conflict', 'The password was changed just now; confirm with the new one.')
  }
  check(account)
  const { name = account.name, email } = change
  const named = name !== account.name

  // Back to the address that the account has: what was to come is off.
  const pendingEmail = email === undefined ? account.pendingEmail : email === account.email ? null : email
  const addressed = pendingEmail !== account.pendingEmail
  if (named || addressed) await changeAccount(trx, userId, { name, pending_email: pendingEmail })
  if (named) await insertActivity(trx, { userId, type: 'profile-changed', origin }, now)
  if (addressed && pendingEmail === null) await deleteTokensOf(trx, userId, 'email')
  else if (addressed && pendingEmail !== null) {
    if (await findByEmail(trx, pendingEmail)) throw emailTaken()
    await requireMailAllowance(trx, { userId, pendingEmail }, now)
    await requestVerification(trx, { userId, email: pendingEmail, name, purpose: 'change' }, now)
    await insertActivity(trx, { userId, type: 'email-change-requested', origin }, now)
  }
  const changed = await findAccount(trx, userId)
  if (!changed) throw new Error('an account that is locked cannot be gone')
  return describeUser(changed)
}

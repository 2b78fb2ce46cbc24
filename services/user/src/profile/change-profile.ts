import { Problem } from '@storewright/service-kit/http'
import {
  emailTaken,
  findUser,
  findUserByEmail,
  lockActiveAccount,
  updateAccount,
} from '../accounts/accounts.ts'
import { emitContactChanged } from '../accounts/contact.ts'
import type { User } from '../accounts/user.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import { deleteTokens } from '../credentials/one-time-tokens.ts'
import type { Trx } from '../database.ts'
import { requestVerification, requireMailAllowance } from './email-verification.ts'

export interface ProfileChange {
  name?: string | null | undefined
  /** Normalised; takes effect once its mailbox is verified. */
  email?: string | undefined
}

export interface ChangeProfile {
  userId: string
  change: ProfileChange
  /** The hash that the password was checked against; it may have been changed since. */
  confirmedHash?: string | undefined
  origin: Origin
}

/** Changes the owner's own account; `check` is called with the version that is about to change. */
export const changeProfile = async (
  trx: Trx,
  { userId, change, confirmedHash, origin }: ChangeProfile,
  check: (current: { version: number }) => void,
  now: Date,
): Promise<User> => {
  const account = await lockActiveAccount(trx, userId)
  if (confirmedHash !== undefined && account.passwordHash !== confirmedHash) {
    throw new Problem('conflict', 'The password was changed just now; confirm with the new one.')
  }
  check(account)
  const { name = account.name, email } = change
  const nameChanged = name !== account.name

  // The present address again cancels a pending change.
  const pendingEmail = email === undefined ? account.pendingEmail : email === account.email ? null : email
  const emailChanged = pendingEmail !== account.pendingEmail
  if (nameChanged || emailChanged) await updateAccount(trx, userId, { name, pending_email: pendingEmail })
  if (nameChanged) {
    await recordActivity(trx, { userId, type: 'profile-changed', origin }, now)
    await emitContactChanged(trx, userId, now)
  }
  if (emailChanged && pendingEmail === null) await deleteTokens(trx, userId, 'email')
  else if (emailChanged && pendingEmail !== null) {
    if (await findUserByEmail(trx, pendingEmail)) throw emailTaken()
    await requireMailAllowance(trx, { userId, pendingEmail }, now)
    await requestVerification(trx, { userId, email: pendingEmail, name, purpose: 'change' }, now)
    await recordActivity(trx, { userId, type: 'email-change-requested', origin }, now)
  }
  const changed = await findUser(trx, userId)
  if (!changed) throw new Error('a locked account cannot be missing')
  return changed
}

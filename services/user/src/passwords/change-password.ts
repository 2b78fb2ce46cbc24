import { PasswordChanged } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import { Problem } from '@storewright/service-kit/http'
import { lockAccount, updateAccount } from '../accounts/accounts.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import { confirmPassword } from '../credentials/confirm-password.ts'
import { deleteTokens } from '../credentials/one-time-tokens.ts'
import type { Passwords } from '../credentials/passwords.ts'
import { requireStrongPassword } from '../credentials/weak-password.ts'
import type { Db } from '../database.ts'
import { endSessionsOf } from '../sessions/end-session.ts'

/** Replaces a known password, ends all other sessions and drops a pending e-mail address, which a thief may have set. */
export const changePassword = async (
  { db, passwords }: { db: Db; passwords: Passwords },
  request: { userId: string; sessionId: string; currentPassword: string; password: string; origin: Origin },
  clock = () => new Date(),
) => {
  const { userId, sessionId, origin } = request
  const account = await confirmPassword(
    { db, passwords },
    { userId, password: request.currentPassword, origin, path: 'currentPassword' },
    clock,
  )
  requireStrongPassword(request.password, account)
  const passwordHash = await passwords.hash(request.password)

  await inTransaction(db, async (trx) => {
    const now = clock()
    const current = await lockAccount(trx, userId)
    if (current?.passwordHash !== account.passwordHash) {
      throw new Problem('conflict', 'The password was changed by somebody else at the same time.')
    }
    await updateAccount(trx, userId, { password_hash: passwordHash, pending_email: null })
    await deleteTokens(trx, userId, 'password', ...(current.pendingEmail === null ? [] : ['email' as const]))
    await endSessionsOf(trx, userId, 'password-changed', now, { except: sessionId })
    await recordActivity(trx, { userId, type: 'password-changed', origin }, now)
    const { email, name } = current
    await emit(trx, PasswordChanged, { userId, email, name, by: 'change', changedAt: now.toISOString() })
  })
}

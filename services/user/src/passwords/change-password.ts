import { PasswordChanged } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import { Problem } from '@storewright/service-kit/http'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import { confirmPassword } from '../auth/confirm-password.ts'
import { endSessionsOf } from '../auth/end-session.ts'
import { lockCredentials } from '../auth/queries.ts'
import { deleteTokensOf } from '../auth/token-queries.ts'
import type { Db } from '../database.ts'
import { changeAccount } from '../profile/queries.ts'
import type { Passwords } from './passwords.ts'
import { requireGoodPassword } from './weak-password.ts'

/**
 * Puts a new password in place of one that is known, and ends all sessions but the one that asked. An e-mail address
 * that was to come is off: whoever knew the old password may have asked for it.
 */
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
  requireGoodPassword(request.password, account)
  const passwordHash = await passwords.hash(request.password)

  await inTransaction(db, async (trx) => {
    const now = clock()
    const current = await lockCredentials(trx, userId)
    if (current?.passwordHash !== account.passwordHash) {
      throw new Problem('conflict', 'The password was changed by somebody else at the same time.')
    }
    await changeAccount(trx, userId, { password_hash: passwordHash, pending_email: null })
    await deleteTokensOf(
      trx,
      userId,
      'password',
      ...(current.pendingEmail === null ? [] : ['email' as const]),
    )
    await endSessionsOf(trx, userId, 'password-changed', now, { except: sessionId })
    await insertActivity(trx, { userId, type: 'password-changed', origin }, now)
    const { email, name } = current
    await emit(trx, PasswordChanged, { userId, email, name, by: 'change', changedAt: now.toISOString() })
  })
}

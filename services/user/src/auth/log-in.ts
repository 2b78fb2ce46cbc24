import { inTransaction } from '@storewright/database'
import { normaliseEmail } from '@storewright/people/email'
import { findUser, findUserByEmail, lockAccount, rehashPassword } from '../accounts/accounts.ts'
import type { User } from '../accounts/user.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import {
  checkThrottle,
  recheckThrottle,
  recordFailure,
  recordSuccess,
} from '../credentials/login-throttle.ts'
import type { Passwords } from '../credentials/passwords.ts'
import type { Db } from '../database.ts'
import { openSession, type OpenSession } from '../sessions/open-session.ts'

export type LogIn =
  | ({ outcome: 'open'; user: User } & OpenSession)
  | { outcome: 'refused' | 'disabled' }
  | { outcome: 'locked'; seconds: number }

/** A hash of the current cost where the stored one has a lower cost; undefined where the hashing queue is full. */
const strongerHash = (passwords: Passwords, password: string, stored: string) =>
  passwords.isOutdated(stored) ? passwords.hash(password).catch(() => undefined) : undefined

/** Checks a password and opens a session. An address without an account gets the same answer, time and locks. */
export const logIn = async (
  { db, passwords, ttlSeconds }: { db: Db; passwords: Passwords; ttlSeconds: number },
  { password, origin, ...credentials }: { email: string; password: string; origin: Origin },
  clock = () => new Date(),
): Promise<LogIn> => {
  const email = normaliseEmail(credentials.email)
  const account = await findUserByEmail(db, email ?? '')
  const userId = account?.user.id
  const { attempt, seconds } = await checkThrottle(
    db,
    { email: email ?? credentials.email, userId, origin },
    clock(),
  )
  if (seconds > 0) return { outcome: 'locked', seconds }

  const matches = await passwords.matches(password, account?.passwordHash)
  if (!account || !matches || userId === undefined) {
    return inTransaction(db, (trx) => recordFailure(trx, { attempt, userId, origin }, clock()))
  }

  const stronger = await strongerHash(passwords, password, account.passwordHash)
  return inTransaction(db, async (trx): Promise<LogIn> => {
    const now = clock()
    const current = await lockAccount(trx, userId)
    // Changed, or erased, while it was being checked.
    if (!current || current.passwordHash !== account.passwordHash || current.status === 'erased') {
      return { outcome: 'refused' }
    }
    const remaining = await recheckThrottle(trx, attempt, now)
    if (remaining > 0) return { outcome: 'locked', seconds: remaining }
    if (current.status === 'disabled') {
      const details = { reason: 'account-disabled' }
      await recordActivity(trx, { userId, type: 'log-in-failed', origin, details }, now)
      return { outcome: 'disabled' }
    }
    await recordSuccess(trx, { attempt, userId, origin }, now)
    if (stronger !== undefined) await rehashPassword(trx, userId, account.passwordHash, stronger)
    const session = await openSession(trx, { userId, ttlSeconds, origin }, now)
    await recordActivity(trx, { userId, type: 'logged-in', origin }, now)
    // Read again for the token: roles may have changed while the password was being checked.
    const user = (await findUser(trx, userId)) ?? account.user
    return { outcome: 'open', user, ...session }
  })
}

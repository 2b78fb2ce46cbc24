import { inTransaction } from '@storewright/database'
import { findCredentials, sessionEnded } from '../accounts/accounts.ts'
import type { Origin } from '../audit-log/activity.ts'
import type { Db } from '../database.ts'
import { checkThrottle, recheckThrottle, recordFailure, recordSuccess } from './login-throttle.ts'
import type { Passwords } from './passwords.ts'
import { Problem } from '../problems.ts'

/** The same for addresses with and without an account. */
export const accountLocked = (seconds: number) =>
  new Problem('account-locked', 'Too many attempts with a wrong password; wait before the next.', {
    retryAfter: seconds,
  })

/** Checks the password before what cannot be undone, throttled as a log-in; returns the hash that was checked. */
export const confirmPassword = async (
  { db, passwords }: { db: Db; passwords: Passwords },
  { userId, password, origin, path }: { userId: string; password: string; origin: Origin; path: string },
  clock = () => new Date(),
): Promise<{ email: string; name: string | null; passwordHash: string }> => {
  const account = await findCredentials(db, userId)
  if (account?.status !== 'active') throw sessionEnded()
  const { attempt, seconds } = await checkThrottle(db, { email: account.email, userId, origin }, clock())
  if (seconds > 0) throw accountLocked(seconds)

  if (await passwords.matches(password, account.passwordHash)) {
    const remaining = await inTransaction(db, async (trx) => {
      const wait = await recheckThrottle(trx, attempt, clock())
      if (wait === 0) await recordSuccess(trx, { attempt, userId, origin }, clock())
      return wait
    })
    if (remaining > 0) throw accountLocked(remaining)
    return account
  }
  const refusal = await inTransaction(db, (trx) => recordFailure(trx, { attempt, userId, origin }, clock()))
  if (refusal.outcome === 'locked') throw accountLocked(refusal.seconds)
  throw new Problem('wrong-password', 'The current password is wrong.', {
    errors: [{ path, message: 'is not the current password' }],
  })
}

import { inTransaction } from '@storewright/database'
import { describeUser, type User } from '../accounts/account.ts'
import { findByEmail } from '../accounts/queries.ts'
import type { Db } from '../database.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { normaliseEmail } from './email.ts'
import { addFailure, secondsLocked } from './lockout.ts'
import { openSession, type OpenSession } from './open-session.ts'
import { findLock, forgetFailures, lockFailures, recordFailures } from './queries.ts'
import { fingerprint } from './refresh-token.ts'

export type LogIn =
  | ({ outcome: 'open'; user: User } & OpenSession)
  | { outcome: 'refused' }
  | { outcome: 'locked'; seconds: number }

/**
 * Checks a password and opens a session. An address without an account behaves as one with: same answer, same
 * time, same locks.
 */
export const logIn = async (
  { db, passwords, ttlSeconds }: { db: Db; passwords: Passwords; ttlSeconds: number },
  credentials: { email: string; password: string },
  clock = () => new Date(),
): Promise<LogIn> => {
  const email = normaliseEmail(credentials.email)
  const emailHash = fingerprint(email ?? credentials.email)
  const [lock, account] = await Promise.all([
    findLock(db, emailHash),
    email === null ? undefined : findByEmail(db, email),
  ])
  const seconds = secondsLocked(lock?.lockedUntil, clock())
  if (seconds > 0) return { outcome: 'locked', seconds }

  const matches = await passwords.matches(credentials.password, account?.passwordHash)
  return inTransaction(db, async (trx): Promise<LogIn> => {
    const now = clock()
    // Again, under its lock: of many guesses sent at once, those beyond the free ones learn nothing.
    const failures = await lockFailures(trx, emailHash, now)
    const remaining = secondsLocked(failures.lockedUntil, now)
    if (remaining > 0) return { outcome: 'locked', seconds: remaining }
    if (!account || !matches) {
      await recordFailures(trx, emailHash, addFailure(failures, now), now)
      return { outcome: 'refused' }
    }
    await forgetFailures(trx, emailHash)
    const session = await openSession(trx, { userId: account.id, ttlSeconds }, now)
    return { outcome: 'open', user: describeUser(account), ...session }
  })
}

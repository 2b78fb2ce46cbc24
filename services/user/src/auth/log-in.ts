import { inTransaction } from '@storewright/database'
import { describeUser, type User } from '../accounts/account.ts'
import { findAccount, findByEmail } from '../accounts/queries.ts'
import type { Origin } from '../activity/activity.ts'
import { insertActivity, insertActivityIfAny } from '../activity/queries.ts'
import type { Db, Trx } from '../database.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { normaliseEmail } from './email.ts'
import { countFailure, waitForRightGuess, weighGuess, welcome, type Guess } from './guesses.ts'
import { openSession, type OpenSession } from './open-session.ts'
import { lockCredentials, strengthenHash } from './queries.ts'

export type LogIn =
  | ({ outcome: 'open'; user: User } & OpenSession)
  | { outcome: 'refused' | 'disabled' }
  | { outcome: 'locked'; seconds: number }

/** Counts a wrong password and tells the account's owner, if there is one. */
export const refuseGuess = async (
  trx: Trx,
  { guess, userId, origin }: { guess: Guess; userId: string | undefined; origin: Origin },
  now: Date,
): Promise<{ outcome: 'refused' } | { outcome: 'locked'; seconds: number }> => {
  const { locked, seconds } = await countFailure(trx, guess, now)
  if (locked) return { outcome: 'locked', seconds }
  // One entry for each guess that the locks let through, so a storm of guesses writes a handful.
  const told = seconds > 0 ? { type: 'log-in-locked' as const, details: { seconds } } : undefined
  await insertActivityIfAny(trx, { userId, origin, type: 'log-in-failed', ...told }, now)
  return { outcome: 'refused' }
}

/** A hash of today's cost where the stored one is of an older, lower cost; undefined where there is no time for it. */
const strongerHash = (passwords: Passwords, password: string, stored: string) =>
  passwords.isOutdated(stored) ? passwords.hash(password).catch(() => undefined) : undefined

/**
 * Checks a password and opens a session. An address without an account behaves as one with: same answer, same
 * time, same locks. That an account is disabled is told only to who knows its password.
 */
export const logIn = async (
  { db, passwords, ttlSeconds }: { db: Db; passwords: Passwords; ttlSeconds: number },
  { password, origin, ...credentials }: { email: string; password: string; origin: Origin },
  clock = () => new Date(),
): Promise<LogIn> => {
  const email = normaliseEmail(credentials.email)
  const account = await findByEmail(db, email ?? '')
  const userId = account?.id
  const { guess, seconds } = await weighGuess(
    db,
    { email: email ?? credentials.email, userId, origin },
    clock(),
  )
  if (seconds > 0) return { outcome: 'locked', seconds }

  const matches = await passwords.matches(password, account?.passwordHash)
  if (!account || !matches) {
    return inTransaction(db, (trx) => refuseGuess(trx, { guess, userId, origin }, clock()))
  }

  const stronger = await strongerHash(passwords, password, account.passwordHash)
  return inTransaction(db, async (trx): Promise<LogIn> => {
    const now = clock()
    const current = await lockCredentials(trx, account.id)
    // Changed, or erased, while it was being checked.
    if (!current || current.passwordHash !== account.passwordHash || current.status === 'erased') {
      return { outcome: 'refused' }
    }
    const remaining = await waitForRightGuess(trx, guess, now)
    if (remaining > 0) return { outcome: 'locked', seconds: remaining }
    if (current.status === 'disabled') {
      const details = { reason: 'account-disabled' }
      await insertActivity(trx, { userId: account.id, type: 'log-in-failed', origin, details }, now)
      return { outcome: 'disabled' }
    }
    await welcome(trx, { guess, userId: account.id, origin }, now)
    if (stronger !== undefined) await strengthenHash(trx, account.id, account.passwordHash, stronger)
    const session = await openSession(trx, { userId: account.id, ttlSeconds, origin }, now)
    await insertActivity(trx, { userId: account.id, type: 'logged-in', origin }, now)
    // Read again: roles may have changed while the password was being checked, and the token will tell them.
    const user = describeUser((await findAccount(trx, account.id)) ?? account)
    return { outcome: 'open', user, ...session }
  })
}

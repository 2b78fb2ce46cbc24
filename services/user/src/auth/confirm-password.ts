import { inTransaction } from '@storewright/database'
import type { Origin } from '../activity/activity.ts'
import type { Db } from '../database.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { waitForRightGuess, weighGuess, welcome } from './guesses.ts'
import { refuseGuess } from './log-in.ts'
import { findCredentials } from './queries.ts'
import { Problem } from '../problems.ts'

/** The answer to an account that is locked for whoever asks, the same for all addresses. */
export const lockedOut = (seconds: number) =>
  new Problem('account-locked', 'Too many attempts with a wrong password; wait before the next.', {
    retryAfter: seconds,
  })

/**
 * Makes sure that somebody signed in knows the account's password before they do what cannot be undone. Guesses
 * count as those of a log-in do. Gives the hash that was checked: whoever changes it looks whether it still is there.
 */
export const confirmPassword = async (
  { db, passwords }: { db: Db; passwords: Passwords },
  { userId, password, origin, path }: { userId: string; password: string; origin: Origin; path: string },
  clock = () => new Date(),
): Promise<{ email: string; name: string | null; passwordHash: string }> => {
  const account = await findCredentials(db, userId)
  if (account?.status !== 'active')
    throw new Problem('invalid-token', 'This session has ended. Log in again.')
  const { guess, seconds } = await weighGuess(db, { email: account.email, userId, origin }, clock())
  if (seconds > 0) throw lockedOut(seconds)

  if (await passwords.matches(password, account.passwordHash)) {
    const remaining = await inTransaction(db, async (trx) => {
      const wait = await waitForRightGuess(trx, guess, clock())
      if (wait === 0) await welcome(trx, { guess, userId, origin }, clock())
      return wait
    })
    if (remaining > 0) throw lockedOut(remaining)
    return account
  }
  const refusal = await inTransaction(db, (trx) => refuseGuess(trx, { guess, userId, origin }, clock()))
  if (refusal.outcome === 'locked') throw lockedOut(refusal.seconds)
  throw new Problem('wrong-password', 'The current password is another one.', {
    errors: [{ path, message: 'is not the current password' }],
  })
}

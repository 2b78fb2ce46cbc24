import { inTransaction, isDuplicateKey } from '@storewright/database'
import type { User } from '../accounts/account.ts'
import { createAccount } from '../accounts/create-account.ts'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import type { Db } from '../database.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { requestVerification } from '../profile/request-verification.ts'
import { rememberNetwork } from './guesses.ts'
import { openSession, type OpenSession } from './open-session.ts'

export type Registration = ({ outcome: 'registered'; user: User } & OpenSession) | { outcome: 'taken' }

/**
 * Makes a customer's account, opens its first session and asks to prove the mailbox. A taken address costs as much
 * as a free one: the answer tells it, but not faster than registrations are made.
 */
export const register = async (
  { db, passwords, ttlSeconds }: { db: Db; passwords: Passwords; ttlSeconds: number },
  applicant: { email: string; password: string; name: string | null; origin: Origin },
  clock = () => new Date(),
): Promise<Registration> => {
  const { email, name, origin } = applicant
  const passwordHash = await passwords.hash(applicant.password)
  try {
    return await inTransaction(db, async (trx): Promise<Registration> => {
      const now = clock()
      // The unique key decides between those who come at the same time.
      const user = await createAccount(trx, { email, name, passwordHash, roles: ['customer'] }, now)
      await insertActivity(trx, { userId: user.id, type: 'registered', origin }, now)
      await requestVerification(trx, { userId: user.id, email, name, purpose: 'registration' }, now)
      await rememberNetwork(trx, { userId: user.id, origin }, now)
      const session = await openSession(trx, { userId: user.id, ttlSeconds, origin }, now)
      return { outcome: 'registered', user, ...session }
    })
  } catch (error) {
    if (isDuplicateKey(error)) return { outcome: 'taken' }
    throw error
  }
}

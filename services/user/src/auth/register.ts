import { inTransaction, isDuplicateKey } from '@storewright/database'
import { createAccount } from '../accounts/accounts.ts'
import type { User } from '../accounts/user.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import { trustNetwork } from '../credentials/login-throttle.ts'
import type { Passwords } from '../credentials/passwords.ts'
import type { Db } from '../database.ts'
import { requestVerification } from '../profile/email-verification.ts'
import { openSession, type OpenSession } from '../sessions/open-session.ts'

export type Registration = ({ outcome: 'registered'; user: User } & OpenSession) | { outcome: 'taken' }

/** Creates an account, opens a session and has the verification mailed; a taken address takes as long as a free one. */
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
      // The unique key decides between concurrent registrations.
      const user = await createAccount(trx, { email, name, passwordHash, roles: ['customer'] }, now)
      await recordActivity(trx, { userId: user.id, type: 'registered', origin }, now)
      await requestVerification(trx, { userId: user.id, email, name, purpose: 'registration' }, now)
      await trustNetwork(trx, { userId: user.id, origin }, now)
      const session = await openSession(trx, { userId: user.id, ttlSeconds, origin }, now)
      return { outcome: 'registered', user, ...session }
    })
  } catch (error) {
    if (isDuplicateKey(error)) return { outcome: 'taken' }
    throw error
  }
}

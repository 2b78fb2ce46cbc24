import { inTransaction, isDuplicateKey } from '@storewright/database'
import type { User } from '../accounts/account.ts'
import { createAccount } from '../accounts/create-account.ts'
import { findByEmail } from '../accounts/queries.ts'
import type { Db } from '../database.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { openSession, type OpenSession } from './open-session.ts'

export type Registration = ({ outcome: 'registered'; user: User } & OpenSession) | { outcome: 'taken' }

/** Makes a customer's account and opens its first session. */
export const register = async (
  { db, passwords, ttlSeconds }: { db: Db; passwords: Passwords; ttlSeconds: number },
  applicant: { email: string; password: string; name: string | null },
  clock = () => new Date(),
): Promise<Registration> => {
  const { email, name } = applicant
  // Only spares the hash; the unique key decides between those who come at the same time.
  if (await findByEmail(db, email)) return { outcome: 'taken' }

  const passwordHash = await passwords.hash(applicant.password)
  try {
    return await inTransaction(db, async (trx): Promise<Registration> => {
      const now = clock()
      const user = await createAccount(trx, { email, name, passwordHash, roles: ['customer'] }, now)
      const session = await openSession(trx, { userId: user.id, ttlSeconds }, now)
      return { outcome: 'registered', user, ...session }
    })
  } catch (error) {
    if (isDuplicateKey(error)) return { outcome: 'taken' }
    throw error
  }
}

import { inTransaction, isDuplicateKey } from '@storewright/database'
import type { Db } from '../database.ts'
import { normaliseEmail } from '../auth/email.ts'
import { isBeyondBcrypt, MIN_PASSWORD_LENGTH } from '../passwords/password.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { findWeakness } from '../passwords/weak-password.ts'
import { createAccount } from './create-account.ts'
import { findByEmail } from './queries.ts'

export type AdminOutcome = 'made' | 'there' | 'not-an-admin'

/**
 * Makes the first administrator. An account that is there already keeps its password and its roles: a restart
 * must not bring back an old password, nor promote whoever registered the address.
 */
export const ensureAdmin = async (
  { db, passwords }: { db: Db; passwords: Passwords },
  admin: { email: string; password: string },
): Promise<AdminOutcome> => {
  const email = normaliseEmail(admin.email)
  if (email === null) throw new Error('ADMIN_EMAIL is not an e-mail address')
  if ([...admin.password].length < MIN_PASSWORD_LENGTH || isBeyondBcrypt(admin.password)) {
    throw new Error(
      `ADMIN_PASSWORD must have at least ${MIN_PASSWORD_LENGTH} characters and at most 72 bytes`,
    )
  }

  const existing = await findByEmail(db, email)
  if (existing) return existing.roles?.split(',').includes('admin') ? 'there' : 'not-an-admin'

  const weakness = findWeakness(admin.password, { email, name: null })
  if (weakness !== null) throw new Error(`ADMIN_PASSWORD ${weakness}`)
  const passwordHash = await passwords.hash(admin.password)
  try {
    await inTransaction(db, (trx) =>
      createAccount(trx, { email, name: 'Administrator', passwordHash, roles: ['admin'] }, new Date()),
    )
    return 'made'
  } catch (error) {
    if (isDuplicateKey(error)) return 'there' // by a replica that started at the same time
    throw error
  }
}

import { inTransaction, isDuplicateKey } from '@storewright/database'
import { normaliseEmail } from '@storewright/people/email'
import type { Logger } from '@storewright/service-kit/run'
import { createAccount, findUserByEmail } from '../accounts/accounts.ts'
import { exceedsBcrypt, MAX_PASSWORD_BYTES, MIN_PASSWORD_LENGTH } from '../credentials/password.ts'
import type { Passwords } from '../credentials/passwords.ts'
import { findWeakness } from '../credentials/weak-password.ts'
import type { Db } from '../database.ts'

/** Creates the configured administrator; an existing account keeps its password and roles, whoever registered it. */
export const ensureAdmin = async (
  { db, passwords, logger }: { db: Db; passwords: Passwords; logger: Logger },
  { ADMIN_EMAIL, ADMIN_PASSWORD }: { ADMIN_EMAIL?: string; ADMIN_PASSWORD?: string },
): Promise<void> => {
  if (ADMIN_EMAIL === undefined || ADMIN_PASSWORD === undefined) return
  const email = normaliseEmail(ADMIN_EMAIL)
  if (email === null) throw new Error('ADMIN_EMAIL is not an e-mail address')
  if ([...ADMIN_PASSWORD].length < MIN_PASSWORD_LENGTH || exceedsBcrypt(ADMIN_PASSWORD)) {
    throw new Error(
      `ADMIN_PASSWORD must have at least ${MIN_PASSWORD_LENGTH} characters and at most ${MAX_PASSWORD_BYTES} bytes`,
    )
  }

  const existing = await findUserByEmail(db, email)
  if (existing) {
    if (!existing.user.roles.includes('admin')) {
      logger.warn('ADMIN_EMAIL belongs to an account that is not an administrator')
    }
    return
  }
  const weakness = findWeakness(ADMIN_PASSWORD, { email, name: null })
  if (weakness !== null) throw new Error(`ADMIN_PASSWORD ${weakness}`)
  const passwordHash = await passwords.hash(ADMIN_PASSWORD)
  try {
    await inTransaction(db, (trx) =>
      createAccount(trx, { email, name: 'Administrator', passwordHash, roles: ['admin'] }, new Date()),
    )
  } catch (error) {
    // Created by a replica that started at the same time.
    if (!isDuplicateKey(error)) throw error
  }
}

import type { Trx } from '../database.ts'
import { listActiveAdmins, lockAdmins } from './admin-queries.ts'
import { Problem } from '../problems.ts'

/**
 * Ends the request where the account is the only active administrator that there is. Call it before anything else
 * locks an account: those who take administrators away queue up here, so that of two who remove each other at the
 * same moment the second one finds who is left.
 */
export const requireAnotherAdmin = async (trx: Trx, userId: string): Promise<void> => {
  await lockAdmins(trx)
  const admins = await listActiveAdmins(trx)
  if (admins.includes(userId) && admins.length === 1) {
    throw new Problem('last-admin', 'Make somebody else an administrator before.')
  }
}

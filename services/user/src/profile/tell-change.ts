import { UserChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { describeUser, type User } from '../accounts/account.ts'
import { findAccount } from '../accounts/queries.ts'
import type { Trx } from '../database.ts'

/** Says an account's state as it is at this point of the transaction. */
export const tellChange = async (trx: Trx, userId: string, now: Date): Promise<User | undefined> => {
  const account = await findAccount(trx, userId)
  if (!account || account.status === 'erased') return undefined
  const user = describeUser(account)
  await emit(trx, UserChanged, {
    userId,
    status: account.status,
    roles: user.roles,
    emailVerified: user.emailVerified,
    changedAt: now.toISOString(),
  })
  return user
}

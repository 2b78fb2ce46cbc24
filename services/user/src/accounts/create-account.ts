import { UserRegistered } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import type { Trx } from '../database.ts'
import { describeUser, type User } from './account.ts'
import { insertAccount } from './queries.ts'
import type { Role } from './roles.ts'

export interface NewAccount {
  /** Normalised. */
  email: string
  name: string | null
  passwordHash: string
  roles: Role[]
}

/** Makes an account and says so. A taken e-mail fails as a duplicate key: only the key decides a race. */
export const createAccount = async (trx: Trx, account: NewAccount, now: Date): Promise<User> => {
  const { email, name, roles } = account
  const id = newId()
  await insertAccount(trx, { ...account, id }, roles, now)
  await emit(trx, UserRegistered, { userId: id, roles, registeredAt: now.toISOString() })
  return describeUser({
    id,
    email,
    emailVerifiedAt: null,
    pendingEmail: null,
    name,
    status: 'active',
    version: 1,
    createdAt: now,
    roles: roles.join(','),
  })
}

import { UserChanged, UserRegistered } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import type { Db, Trx } from '../database.ts'
import { emitContactChanged } from './contact.ts'
import { type AccountFilter, type AccountOrder, listAccounts } from './list-queries.ts'
import {
  findAccount,
  findAccountByEmail,
  findAccountOfSession,
  insertAccount,
  listAccountsChangedSince,
  listActiveAdmins,
  lockAccount,
  lockAdmins,
} from './queries.ts'
import { permissionsOf, type Role } from './roles.ts'
import { describeUser, type User } from './user.ts'

export type { AccountOrder } from './list-queries.ts'
export {
  findAccount,
  findCredentials,
  lockAccount,
  lockAdmins,
  rehashPassword,
  replaceRoles,
  updateAccount,
} from './queries.ts'
import { Problem } from '../problems.ts'

export const findUser = async (db: Db | Trx, userId: string): Promise<User | undefined> => {
  const account = await findAccount(db, userId)
  return account && describeUser(account)
}

/** The account with this normalised address, and its password's hash. */
export const findUserByEmail = async (db: Db | Trx, email: string) => {
  const account = await findAccountByEmail(db, email)
  return account && { user: describeUser(account), passwordHash: account.passwordHash }
}

/** The account of a session; undefined once that session was revoked. */
export const findUserOfSession = async (db: Db, session: { userId: string; sessionId: string }) => {
  const account = await findAccountOfSession(db, session.userId, session.sessionId)
  return account && describeUser(account)
}

export const listUsers = async (
  db: Db,
  filter: AccountFilter,
  page: { order: AccountOrder; after: { value: string; id: string } | undefined; limit: number },
): Promise<User[]> => (await listAccounts(db, filter, page)).map(describeUser)

export const sessionEnded = () => new Problem('invalid-token', 'This session has ended. Log in again.')

export const emailTaken = () =>
  new Problem('email-taken', 'The email has an account already.', {
    errors: [{ path: 'email', message: 'has an account already' }],
  })

/** Locks an active account until the commit, so that its changes and its erasure come one after another. */
export const lockActiveAccount = async (trx: Trx, userId: string) => {
  const account = await lockAccount(trx, userId)
  if (account?.status !== 'active') throw sessionEnded()
  return account
}

export interface NewAccount {
  email: string
  name: string | null
  passwordHash: string
  roles: Role[]
}

/** Creates an account and emits UserRegistered. A taken address throws a duplicate key error. */
export const createAccount = async (trx: Trx, account: NewAccount, now: Date): Promise<User> => {
  const { email, name, roles } = account
  const id = newId()
  await insertAccount(trx, { ...account, id }, roles, now)
  await emit(trx, UserRegistered, { userId: id, roles, registeredAt: now.toISOString() })
  await emitContactChanged(trx, id, now)
  return describeUser({
    ...{ id, email, name, createdAt: now, emailVerifiedAt: null, pendingEmail: null },
    status: 'active',
    version: 1,
    taxExempt: 0,
    roles: roles.join(','),
  })
}

/** Emits an account's whole state as it is at this point of the transaction. */
export const emitUserChanged = async (trx: Trx, userId: string, now: Date): Promise<void> => {
  const user = await findUser(trx, userId)
  if (!user || user.status === 'erased') return
  const { status, roles, emailVerified } = user
  await emit(trx, UserChanged, { userId, status, roles, emailVerified, changedAt: now.toISOString() })
}

/** Ends the request where this is the last active administrator. Call it before any account is locked: the second of two waits. */
export const requireAnotherAdmin = async (trx: Trx, userId: string): Promise<void> => {
  await lockAdmins(trx)
  const admins = await listActiveAdmins(trx)
  if (admins.includes(userId) && admins.length === 1) {
    throw new Problem('last-admin', 'Make somebody else an administrator before.')
  }
}

/** The permissions of all accounts whose roles or status were changed after `since`. */
export const listChangedPermissions = async (db: Db, since: Date) => {
  const changed = await listAccountsChangedSince(db, since)
  return changed.map(({ rolesChangedAt, ...account }) => {
    const { id: userId, roles } = describeUser(account)
    const changedAt = (rolesChangedAt ?? since).toISOString()
    return { userId, roles, permissions: permissionsOf(roles), changedAt }
  })
}

import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** The account's roles, comma-separated. */
export const roles = sql<string | null>`(select group_concat(role order by role) from user_roles
  where user_roles.user_id = users.id)`.as('roles')

/** The columns of `AccountRow`, without its roles. */
export const account = [
  'users.id',
  'users.email',
  'users.email_verified_at as emailVerifiedAt',
  'users.pending_email as pendingEmail',
  'users.name',
  'users.status',
  'users.version',
  'users.tax_exempt as taxExempt',
  'users.created_at as createdAt',
] as const

export const findAccount = (db: Db | Trx, userId: string) =>
  db
    .selectFrom('users')
    .select([...account, roles])
    .where('id', '=', userId)
    .executeTakeFirst()

export const findAccountByEmail = (db: Db | Trx, email: string) =>
  db
    .selectFrom('users')
    .select([...account, 'password_hash as passwordHash', roles])
    .where('email', '=', email)
    .executeTakeFirst()

export const findAccountOfSession = (db: Db, userId: string, sessionId: string) =>
  db
    .selectFrom('users')
    .innerJoin('sessions', 'sessions.user_id', 'users.id')
    .select([...account, roles])
    .where('users.id', '=', userId)
    .where('sessions.id', '=', sessionId)
    .where('sessions.revoked_at', 'is', null)
    .executeTakeFirst()

/** How to reach these account holders, with their preferences; not of erased persons. */
export const listContacts = (trx: Trx, userIds: readonly string[]) =>
  trx
    .selectFrom('users')
    .leftJoin('preferences', 'preferences.user_id', 'users.id')
    .select(['users.id as userId', 'users.email', 'users.email_verified_at as emailVerifiedAt', 'users.name'])
    .select(['users.tax_exempt as taxExempt', 'preferences.locale'])
    .select(['marketing_consent as marketingConsent', 'tracking_consent as trackingConsent'])
    .select('notification_channels as channels')
    .where('users.id', 'in', userIds)
    .where('users.status', '!=', 'erased')
    .orderBy('users.id')
    .execute()

/** Locked, so that what is repeated of them is what they are. */
export const lockAccountsAfter = (trx: Trx, { after, limit }: { after: string; limit: number }) =>
  trx
    .selectFrom('users')
    .select('id')
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute()

export const findCredentials = (db: Db, userId: string) =>
  db
    .selectFrom('users')
    .select(['email', 'name', 'status', 'password_hash as passwordHash'])
    .where('id', '=', userId)
    .executeTakeFirst()

/** Locks the account's row: everything that changes an account, or opens and ends its sessions, waits here. */
export const lockAccount = (trx: Trx, userId: string) =>
  trx
    .selectFrom('users')
    .select([
      'email',
      'email_verified_at as emailVerifiedAt',
      'pending_email as pendingEmail',
      'name',
      'status',
      'version',
      'password_hash as passwordHash',
      'roles_changed_at as rolesChangedAt',
    ])
    .where('id', '=', userId)
    .forUpdate()
    .executeTakeFirst()

export const insertAccount = async (
  trx: Trx,
  account: { id: string; email: string; name: string | null; passwordHash: string },
  roleNames: string[],
  now: Date,
) => {
  const { id, email, name, passwordHash } = account
  await trx
    .insertInto('users')
    .values({ id, email, name, password_hash: passwordHash, created_at: now })
    .execute()
  await trx
    .insertInto('user_roles')
    .values(roleNames.map((role) => ({ user_id: id, role })))
    .execute()
}

/** Changes the account's row and counts its version up. */
export const updateAccount = async (
  trx: Trx,
  userId: string,
  change: {
    name?: string | null
    email?: string
    email_verified_at?: Date
    pending_email?: string | null
    password_hash?: string
    status?: 'active' | 'disabled'
    roles_changed_at?: Date
    tax_exempt?: boolean
  },
) => {
  await trx
    .updateTable('users')
    .set({ ...change, version: sql<number>`version + 1` })
    .where('id', '=', userId)
    .execute()
}

/** Replaces `known` by a stronger hash of the same password, unless the password was changed meanwhile. */
export const rehashPassword = async (trx: Trx, userId: string, known: string, passwordHash: string) => {
  const unchanged = trx.updateTable('users').where('id', '=', userId).where('password_hash', '=', known)
  await unchanged.set({ password_hash: passwordHash }).execute()
}

export const replaceRoles = async (trx: Trx, userId: string, roles: readonly string[]) => {
  await trx.deleteFrom('user_roles').where('user_id', '=', userId).where('role', 'not in', roles).execute()
  await trx
    .insertInto('user_roles')
    .values(roles.map((role) => ({ user_id: userId, role })))
    .onDuplicateKeyUpdate({ user_id: sql`values(user_id)` })
    .execute()
}

/** Locks the administrators in the order of ids: whoever changes roles or status waits here for the one before. */
export const lockAdmins = async (trx: Trx) => {
  // By that very key: through another one every row of the table would be locked.
  await sql`select user_id from user_roles force index (user_roles_by_role)
    where role = 'admin' order by user_id for update`.execute(trx)
}

export const listActiveAdmins = async (trx: Trx): Promise<string[]> => {
  const rows = await trx
    .selectFrom('user_roles')
    .innerJoin('users', 'users.id', 'user_roles.user_id')
    .select('users.id')
    .where('user_roles.role', '=', 'admin')
    .where('users.status', '=', 'active')
    .orderBy('users.id')
    .execute()
  return rows.map(({ id }) => id)
}

export const listAccountsChangedSince = (db: Db, since: Date) =>
  db
    .selectFrom('users')
    .select([...account, roles, 'roles_changed_at as rolesChangedAt'])
    .where('roles_changed_at', '>', since)
    .execute()

import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** The account's roles, comma-separated. */
export const roles = sql<string | null>`(select group_concat(role order by role) from user_roles
  where user_roles.user_id = users.id)`.as('roles')

/** What describes an account, see `AccountRow`. */
export const account = [
  'users.id',
  'users.email',
  'users.email_verified_at as emailVerifiedAt',
  'users.pending_email as pendingEmail',
  'users.name',
  'users.status',
  'users.version',
  'users.created_at as createdAt',
] as const

export const findByEmail = (db: Db, email: string) =>
  db
    .selectFrom('users')
    .select([...account, 'password_hash as passwordHash', roles])
    .where('email', '=', email)
    .executeTakeFirst()

export const findAccount = (db: Db | Trx, userId: string) =>
  db
    .selectFrom('users')
    .select([...account, roles])
    .where('id', '=', userId)
    .executeTakeFirst()

/** The account behind a session; nothing once that session was revoked. */
export const findAccountOfSession = (db: Db, userId: string, sessionId: string) =>
  db
    .selectFrom('users')
    .innerJoin('sessions', 'sessions.user_id', 'users.id')
    .select([...account, roles])
    .where('users.id', '=', userId)
    .where('sessions.id', '=', sessionId)
    .where('sessions.revoked_at', 'is', null)
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

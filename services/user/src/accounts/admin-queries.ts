import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { account, roles } from './queries.ts'

/** Locks who has the role, in the order of ids: whoever changes what accounts may do waits here for who did before. */
export const lockAdmins = async (trx: Trx) => {
  // By that very key: through another one every row of the table would be waited for.
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

/** Locks an account that is to be changed. */
export const lockForChange = (trx: Trx, userId: string) =>
  trx
    .selectFrom('users')
    .select(['status', 'name', 'version', 'roles_changed_at as rolesChangedAt'])
    .where('id', '=', userId)
    .forUpdate()
    .executeTakeFirst()

/** Changes the account's row and gives it its next version. */
export const saveChange = async (
  trx: Trx,
  userId: string,
  change: { name?: string | null; status?: 'active' | 'disabled'; roles_changed_at?: Date },
) => {
  await trx
    .updateTable('users')
    .set({ ...change, version: sql<number>`version + 1` })
    .where('id', '=', userId)
    .execute()
}

export const replaceRoles = async (trx: Trx, userId: string, roles: readonly string[]) => {
  await trx.deleteFrom('user_roles').where('user_id', '=', userId).where('role', 'not in', roles).execute()
  await trx
    .insertInto('user_roles')
    .values(roles.map((role) => ({ user_id: userId, role })))
    .onDuplicateKeyUpdate({ user_id: sql`values(user_id)` })
    .execute()
}

export const listChangedSince = (db: Db, since: Date) =>
  db
    .selectFrom('users')
    .select([...account, roles, 'roles_changed_at as rolesChangedAt'])
    .where('roles_changed_at', '>', since)
    .execute()

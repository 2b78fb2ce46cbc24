import { sql } from 'kysely'
import type { Trx } from '../database.ts'

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

import { sql, type Selectable } from 'kysely'
import type { Database, Db } from '../database.ts'
import { account, roles } from './queries.ts'

/** By what a list of accounts is ordered: the newest first, or as what is looked for goes on. */
export type AccountOrder = 'newest' | 'email' | 'name'

export interface AccountFilter {
  id?: string | undefined
  /** As it begins, in the normal form. */
  email?: string | undefined
  name?: string | undefined
  role?: string | undefined
  status?: 'active' | 'disabled' | 'erased' | undefined
}

const beginsWith = (text: string) => `${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

type Users = Selectable<Database['users']>

// Left alone MariaDB finds all accounts of a status or role and then looks for the page among them. With a forced key
// it begins where the page begins; nearly all accounts are active.
const plain = sql<Users>`users`.as<'users'>(sql`users`)
const byId = sql<Users>`users`.as<'users'>(sql`users force index (primary)`)
const byStatus = sql<Users>`users`.as<'users'>(sql`users force index (users_by_status)`)
const byRole = sql<Users>`user_roles`.as<'users'>(
  sql`user_roles force index (user_roles_by_role) straight_join users on users.id = user_roles.user_id`,
)

/** From which side the accounts are found, and the key in whose order they come. */
const wayTo = ({ role, status }: AccountFilter, order: AccountOrder) => {
  const few = status === 'disabled' || status === 'erased'
  if (order === 'newest' && role !== undefined && !few) {
    const hasRole = sql<boolean>`user_roles.role = ${role}`
    return { table: byRole, key: sql<string>`user_roles.user_id`, hasRole }
  }
  const among = sql<boolean>`exists (select 1 from user_roles
    where user_roles.user_id = users.id and user_roles.role = ${role})`
  const table = order !== 'newest' ? plain : few ? byStatus : byId
  return { table, key: sql<string>`users.id`, hasRole: role === undefined ? undefined : among }
}

export const listAccounts = (
  db: Db,
  filter: AccountFilter,
  {
    order,
    after,
    limit,
  }: { order: AccountOrder; after: { value: string; id: string } | undefined; limit: number },
) => {
  const { id, email, name, status } = filter
  const { table, key, hasRole } = wayTo(filter, order)
  const found = db
    .selectFrom(table)
    .select([...account, roles])
    .$if(hasRole !== undefined, (query) => query.where(hasRole ?? sql<boolean>`true`))
    .$if(id !== undefined, (query) => query.where('users.id', '=', id ?? ''))
    .$if(email !== undefined, (query) => query.where('users.email', 'like', beginsWith(email ?? '')))
    .$if(name !== undefined, (query) => query.where('users.name', 'like', beginsWith(name ?? '')))
    .$if(status !== undefined, (query) => query.where('users.status', '=', status ?? 'active'))
    .limit(limit)
  const { value = '', id: last = '' } = after ?? {}
  if (order === 'email') {
    return found
      .$if(after !== undefined, (query) => query.where('users.email', '>', value))
      .orderBy('users.email')
      .execute()
  }
  if (order === 'name') {
    const further = sql<boolean>`(users.name > ${value} or users.id > ${last})`
    return found
      .$if(after !== undefined, (query) => query.where('users.name', '>=', value).where(further))
      .orderBy('users.name')
      .orderBy('users.id')
      .execute()
  }
  return found
    .$if(after !== undefined, (query) => query.where(key, '<', last))
    .orderBy(key, 'desc')
    .execute()
}

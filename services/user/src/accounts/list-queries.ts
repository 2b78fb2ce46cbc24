import { sql } from 'kysely'
import type { Db } from '../database.ts'
import { account, roles } from './queries.ts'

/** By what a list of accounts is ordered: the newest first, or as what is looked for goes on. */
export type Order = 'newest' | 'email' | 'name'

export interface AccountFilter {
  id?: string | undefined
  /** As it begins, in the normal form. */
  email?: string | undefined
  /** As it begins. */
  name?: string | undefined
  role?: string | undefined
  status?: 'active' | 'disabled' | 'erased' | undefined
}

const beginsWith = (text: string) => `${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

export const listAccounts = (
  db: Db,
  { id, email, name, role, status }: AccountFilter,
  { order, after, limit }: { order: Order; after: { value: string; id: string } | undefined; limit: number },
) => {
  // The role's own index is in the order of ids, so that a page of it reads no more than its rows.
  const key = sql.ref<string>(role === undefined ? 'users.id' : 'user_roles.user_id')
  const found = db
    .selectFrom('users')
    .$if(role !== undefined, (query) =>
      query
        .innerJoin('user_roles', 'user_roles.user_id', 'users.id')
        .where('user_roles.role', '=', role ?? ''),
    )
    .select([...account, roles])
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
    return found
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb.or([
            eb('users.name', '>', value),
            eb.and([eb('users.name', '=', value), eb('users.id', '>', last)]),
          ]),
        ),
      )
      .orderBy('users.name')
      .orderBy('users.id')
      .execute()
  }
  return found
    .$if(after !== undefined, (query) => query.where(key, '<', last))
    .orderBy(key, 'desc')
    .execute()
}

import { listErasedAccounts } from '@storewright/user/invariants'
import { sql, type QueryExecutorProvider } from 'kysely'
import type { Service } from '../config.ts'
import { addBreach, newCheck, type Check } from './check.ts'
import { paged } from './merge-join.ts'
import { listSchemas, type Schemas } from './snapshot.ts'

type ErasedAccount = Awaited<ReturnType<typeof listErasedAccounts>>[number]

const PAGE = 1_000

/** Tables that keep the id of an erased account: so that the person does not return, and old tokens stay invalid. */
const KEPT: Partial<Record<Service, readonly string[]>> = {
  user: ['erasures', 'sessions'],
  order: ['erased_users'],
  notification: ['recipients'],
}

/** All tables that name accounts: a new one is checked without being listed here. */
const listTablesOfUsers = async (service: Service, db: QueryExecutorProvider) => {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.columns
    where table_schema = database() and column_name = 'user_id' order by table_name`.execute(db)
  return rows.map(({ name }) => name).filter((name) => !KEPT[service]?.includes(name))
}

const findNamed = async (db: QueryExecutorProvider, table: string, ids: readonly string[]) => {
  const { rows } = await sql<{ id: string }>`
    select distinct user_id as id from ${sql.table(table)} where user_id in (${sql.join(ids)})`.execute(db)
  return rows.map(({ id }) => id)
}

/** The user service erases once more with the last receipt, after requests that had begun before the erasure. */
const isUnderWay = (service: Service, pending: readonly string[]) =>
  service === 'user' ? pending.length > 0 : pending.includes(service)

/** Invariant 9, over all schemas: an erased person is in no service's tables any more. */
export const checkErasedAccounts = async (schemas: Schemas, settled: boolean): Promise<Check> => {
  const check = newCheck(9, 'an erased person is in no table any more')
  const tables: { service: Service; db: QueryExecutorProvider; name: string }[] = []
  for (const [service, db] of listSchemas(schemas))
    for (const name of await listTablesOfUsers(service, db)) tables.push({ service, db, name })

  const checkPage = async (accounts: ErasedAccount[]) => {
    const pending = new Map(accounts.map((account) => [account.id, account.pending?.split(',') ?? []]))
    for (const { service, db, name } of tables) {
      for (const id of await findNamed(db, name, [...pending.keys()])) {
        if (!settled && isUnderWay(service, pending.get(id) ?? [])) check.pending += 1
        else addBreach(check, `${id}: in ${service}.${name}`)
      }
    }
  }

  for await (const accounts of paged(
    (after) => listErasedAccounts(schemas.user, { after, limit: PAGE }),
    PAGE,
  )) {
    check.checked += accounts.length
    if (accounts.length > 0) await checkPage(accounts)
  }
  return check
}

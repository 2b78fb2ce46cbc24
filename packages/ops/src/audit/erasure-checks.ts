import { sql } from 'kysely'
import { SERVICES, type Service } from '../config.ts'
import { checkRows, EXAMPLES, type Check, type Snapshot } from './check.ts'
import { paged } from './merge-join.ts'

type Schemas = Record<Service, Snapshot>
type ErasedRow = { id: string; pending: string | null }

const PAGE = 1_000

/** Tables that name an erased account on purpose: so that the person does not come back, and old tokens stay shut. */
const LASTING: Partial<Record<Service, readonly string[]>> = {
  user: ['erasures', 'sessions'],
  order: ['erased_users'],
  notification: ['recipients'],
}

/** Erased accounts, with the services that have not answered yet. */
const readErased = async (user: Snapshot, after: string): Promise<ErasedRow[]> => {
  const { rows } = await sql<ErasedRow>`
    select u.id, group_concat(r.service) as pending
    from users u
    left join erasures e on e.user_id = u.id
    left join erasure_receipts r on r.erasure_id = e.id and r.erased_at is null
    where u.status = 'erased' and u.id > ${after}
    group by u.id order by u.id limit ${sql.lit(PAGE)}`.execute(user)
  return rows
}

/** All tables that name accounts: a new one is watched without being mentioned here. */
const listTablesOfUsers = async (service: Service, db: Snapshot) => {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.columns
    where table_schema = database() and column_name = 'user_id' order by table_name`.execute(db)
  return rows.map(({ name }) => name).filter((name) => !LASTING[service]?.includes(name))
}

const findNamed = async (db: Snapshot, table: string, ids: readonly string[]) => {
  const { rows } = await sql<{ id: string }>`
    select distinct user_id as id from ${sql.table(table)} where user_id in (${sql.join(ids)})`.execute(db)
  return rows.map(({ id }) => id)
}

/** The user service clears up once more with the last receipt, after requests that had begun before the erasure. */
const isUnderWay = (service: Service, pending: readonly string[]) =>
  service === 'user' ? pending.length > 0 : pending.includes(service)

const checkTables = async (schemas: Schemas, strict: boolean): Promise<Check> => {
  const check: Check = {
    invariant: 9,
    what: 'an erased person is in no table any more',
    checked: 0,
    breaches: 0,
    pending: 0,
    examples: [],
  }
  const tables = new Map<Service, string[]>()
  for (const service of SERVICES) tables.set(service, await listTablesOfUsers(service, schemas[service]))

  const look = async (page: ErasedRow[]) => {
    const pending = new Map(page.map((row) => [row.id, row.pending?.split(',') ?? []]))
    for (const [service, names] of tables) {
      for (const name of names) {
        for (const id of await findNamed(schemas[service], name, [...pending.keys()])) {
          if (!strict && isUnderWay(service, pending.get(id) ?? [])) check.pending += 1
          else {
            check.breaches += 1
            if (check.examples.length < EXAMPLES) check.examples.push(`${id}: in ${service}.${name}`)
          }
        }
      }
    }
  }
  let page: ErasedRow[] = []
  for await (const row of paged((after) => readErased(schemas.user, after), PAGE)) {
    check.checked += 1
    page.push(row)
    if (page.length < PAGE) continue
    await look(page)
    page = []
  }
  if (page.length > 0) await look(page)
  return check
}

/** Invariant 9: an erased person is in no service's tables any more. */
export const checkErasures = (schemas: Schemas, strict: boolean) => [
  () => checkTables(schemas, strict),
  () =>
    checkRows(schemas.user, 9, 'an erased account holds nothing but its id', {
      every: sql`(select id from users where status = 'erased') as erased`,
      broken: sql`select id from users
        where status = 'erased' and (email <> concat(id, '@erased.invalid') or name is not null
          or password_hash <> '' or email_verified_at is not null or pending_email is not null
          or exists (select 1 from sessions s where s.user_id = users.id
            and (s.revoked_at is null or s.address is not null or s.device is not null)))`,
    }),
  () =>
    checkRows(schemas.user, 9, strict ? 'every erasure has ended' : 'every erased account has its erasure', {
      every: sql`erasures`,
      broken: sql`select u.id from users u left join erasures e on e.user_id = u.id
        where u.status = 'erased' and (e.id is null or (${sql.lit(strict)} and e.completed_at is null))`,
    }),
  () =>
    checkRows(schemas.order, 9, 'the orders of an erased person name nobody', {
      every: sql`(select id from orders where erased_at is not null) as erased`,
      broken: sql`select id from orders
        where erased_at is not null and (user_id is not null or email is not null or access_token_hash is not null
          or billing_address is not null
          or coalesce(json_unquote(json_extract(shipping_address, '$.name')), '') <> 'Erased')`,
    }),
]

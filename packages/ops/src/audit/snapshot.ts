import { connect } from '@storewright/database'
import type { Db as CatalogDb } from '@storewright/catalog/invariants'
import type { Db as InventoryDb } from '@storewright/inventory/invariants'
import type { Db as OrderDb } from '@storewright/order/invariants'
import type { Db as UserDb } from '@storewright/user/invariants'
import { sql, type Kysely } from 'kysely'
import { SERVICES, withSchema, type Service } from '../config.ts'

/** The services' schemas, each with its own tables. */
export type Schemas = {
  user: UserDb
  catalog: CatalogDb
  inventory: InventoryDb
  order: OrderDb
  notification: Kysely<unknown>
}

/** Each schema with its service, for what all of them hold. */
export const listSchemas = (schemas: Schemas) =>
  SERVICES.map((service): [Service, Kysely<unknown>] => [
    service,
    schemas[service] as unknown as Kysely<unknown>,
  ])

const withSnapshot = async <T>(url: string, work: (snapshot: Kysely<unknown>) => Promise<T>): Promise<T> => {
  const db = connect<unknown>(url, { poolSize: 1 })
  try {
    return await db.connection().execute(async (connection) => {
      await sql`set session transaction isolation level repeatable read`.execute(connection)
      await sql`start transaction with consistent snapshot, read only`.execute(connection)
      try {
        return await work(connection)
      } finally {
        await sql`rollback`.execute(connection)
      }
    })
  } finally {
    await db.destroy()
  }
}

/** Runs `work` on one consistent, read-only snapshot of each service's schema. */
export const withSnapshots = async <Name extends Service, T>(
  { auditUrl, prefix, services }: { auditUrl: string; prefix: string; services: readonly Name[] },
  work: (snapshots: Pick<Schemas, Name>) => Promise<T>,
): Promise<T> => {
  const open = async (
    [service, ...rest]: readonly Name[],
    opened: Record<string, Kysely<unknown>>,
  ): Promise<T> =>
    service === undefined
      ? work(opened as unknown as Pick<Schemas, Name>)
      : withSnapshot(withSchema(auditUrl, prefix + service), (snapshot) =>
          open(rest, { ...opened, [service]: snapshot }),
        )
  return open(services, {})
}

/** Runs `work` on connections of their own to all schemas, which see every change. */
export const withSchemas = async <T>(
  { auditUrl, prefix }: { auditUrl: string; prefix: string },
  work: (schemas: Schemas) => Promise<T>,
): Promise<T> => {
  const pools = SERVICES.map((service): [Service, Kysely<unknown>] => [
    service,
    connect<unknown>(withSchema(auditUrl, prefix + service), { poolSize: 1 }),
  ])
  try {
    return await work(Object.fromEntries(pools) as unknown as Schemas)
  } finally {
    await Promise.all(pools.map(([, pool]) => pool.destroy()))
  }
}

import { connect } from '@storewright/database'
import { sql } from 'kysely'
import type { Snapshot } from './check.ts'

const schemaUrl = (auditUrl: string, schema: string) => {
  const url = new URL(auditUrl)
  url.pathname = `/${schema}`
  return url.href
}

const withSnapshot = async <T>(url: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T> => {
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
export const withSnapshots = async <Service extends string, T>(
  { auditUrl, prefix, services }: { auditUrl: string; prefix: string; services: readonly Service[] },
  work: (snapshots: Record<Service, Snapshot>) => Promise<T>,
): Promise<T> => {
  const open = async (
    [service, ...rest]: readonly Service[],
    opened: Partial<Record<Service, Snapshot>>,
  ): Promise<T> =>
    service === undefined
      ? work(opened as Record<Service, Snapshot>)
      : withSnapshot(schemaUrl(auditUrl, prefix + service), (snapshot) =>
          open(rest, { ...opened, [service]: snapshot }),
        )
  return open(services, {})
}

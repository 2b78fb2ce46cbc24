import { randomBytes } from 'node:crypto'
import { connect, migrate, provision, type Migration } from '@storewright/database'
import { sql, type Kysely } from 'kysely'
import { serversFromEnvironment } from './servers.ts'

export interface ScratchDatabase<DB> {
  db: Kysely<DB>
  /** As a service gets it: its own user, with rights in this schema only. */
  url: string
  drop(): Promise<void>
}

const asAdmin = async (statements: string[]) => {
  const admin = connect<unknown>(serversFromEnvironment().mysqlUrl, { poolSize: 1 })
  try {
    for (const statement of statements) await sql.raw(statement).execute(admin)
  } finally {
    await admin.destroy()
  }
}

/** A new schema with its own user, migrated; one per test file, so that files run side by side. */
export const scratchDatabase = async <DB>(
  migrations: Record<string, Migration>,
  { name, poolSize = 10 }: { name: string; poolSize?: number },
): Promise<ScratchDatabase<DB>> => {
  const prefix = `t${randomBytes(4).toString('hex')}_`
  const service = name.replace(/[^a-z0-9]/g, '_').slice(0, 20)
  const urls = await provision({
    adminUrl: serversFromEnvironment().mysqlUrl,
    prefix,
    services: [service],
    passwordFor: () => 'scratch',
  })
  const url = urls[service] ?? ''
  const db = connect<DB>(url, { poolSize })
  await migrate({ db, migrations, name })
  return {
    db,
    url,
    drop: async () => {
      await db.destroy()
      await asAdmin([
        `drop database if exists ${prefix}${service}`,
        `drop user if exists '${prefix}${service}'@'%'`,
        `drop user if exists '${prefix}audit'@'%'`,
      ])
    },
  }
}

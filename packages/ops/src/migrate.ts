import { connect, migrate, provision, type Migration } from '@storewright/database'
import { SERVICES, UsageError, type Service } from './config.ts'

/** Everybody with a schema; the gateway's holds nothing but what its replicas count together. */
const SCHEMAS = [...SERVICES, 'gateway'] as const
type Owner = Service | 'gateway'
type Account = Owner | 'audit'
const ACCOUNTS: Account[] = [...SCHEMAS, 'audit']

const passwordVariable = (account: Account) => `${account.toUpperCase()}_DATABASE_PASSWORD`

const passwordOf = (account: Account, databases: Record<string, string>, env: NodeJS.ProcessEnv) => {
  const known = databases[account]
  return env[passwordVariable(account)] || (known ? decodeURIComponent(new URL(known).password) : '')
}

type Migrations = Record<string, Migration>

/** What a service itself would apply at its start: `allMigrations` of its src/database.ts. */
const migrationsOf = async (service: Owner): Promise<Migrations> => {
  const file = new URL(`../../../services/${service}/src/database.ts`, import.meta.url)
  const { allMigrations } = (await import(file.href)) as { allMigrations?: () => Promise<Migrations> }
  if (!allMigrations) throw new Error(`${file.pathname} exports no allMigrations`)
  return allMigrations()
}

/** Makes all schemas and users, and applies the migrations that each is missing; returns their names. */
export const provisionAndMigrate = async ({
  adminUrl,
  prefix,
  env,
  databases,
}: {
  adminUrl: string
  prefix: string
  env: NodeJS.ProcessEnv
  /** Databases that exist and keep their passwords where the environment names none. */
  databases: Record<string, string>
}): Promise<Record<Owner, string[]>> => {
  const missing = ACCOUNTS.filter((account) => !passwordOf(account, databases, env))
  if (missing.length > 0) throw new UsageError(`set ${missing.map(passwordVariable).join(', ')}`)

  const urls = await provision({
    adminUrl,
    prefix,
    services: SCHEMAS,
    passwordFor: (account) => passwordOf(account, databases, env),
  })
  const applied: Partial<Record<Owner, string[]>> = {}
  for (const service of SCHEMAS) {
    const db = connect<unknown>(urls[service], { poolSize: 2 })
    try {
      applied[service] = await migrate({ db, migrations: await migrationsOf(service), name: service })
    } finally {
      await db.destroy()
    }
  }
  return applied as Record<Owner, string[]>
}

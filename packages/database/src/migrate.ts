import { readdir } from 'node:fs/promises'
import { sql, type Kysely } from 'kysely'
import { errnoOf, isConnectionLost, MigrationError } from './errors.ts'
import { withLock } from './lock.ts'
import { nowSql } from './values.ts'

/** One statement: the server commits every DDL statement by itself. */
export interface Migration {
  up(db: Kysely<unknown>): Promise<unknown>
}

interface Tables {
  schema_migrations: { name: string; begun_at: Date; applied_at: Date | null }
}

const ALREADY_DONE = new Set([
  1050, // table exists
  1051, // table to drop is unknown
  1060, // column exists
  1061, // index exists
  1091, // nothing to drop
  1826, // constraint exists (MySQL)
  3821, // no check constraint to drop (MySQL)
  3822, // check constraint exists (MySQL)
  3940, // no constraint to drop (MySQL)
])

const createTable = (db: Kysely<Tables>) =>
  db.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('name', sql`varchar(191) character set ascii collate ascii_bin`, (col) => col.primaryKey())
    .addColumn('begun_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('applied_at', sql`datetime(6)`)
    .execute()

const applyOne = async (db: Kysely<Tables>, name: string, migration: Migration, interrupted: boolean) => {
  if (!interrupted)
    await db.insertInto('schema_migrations').values({ name, begun_at: nowSql, applied_at: null }).execute()
  try {
    await migration.up(db as unknown as Kysely<unknown>)
  } catch (error) {
    // Begun before, never recorded as applied, and its work is there: the process died in between.
    if (!interrupted || !ALREADY_DONE.has(errnoOf(error) ?? 0)) {
      // An error from the server means that nothing was applied; without one the next start finds out.
      if (!isConnectionLost(error)) {
        await db.deleteFrom('schema_migrations').where('name', '=', name).execute()
      }
      const reason = error instanceof Error ? error.message : String(error)
      throw new MigrationError(`migration ${name} failed: ${reason}`, { cause: error })
    }
  }
  await db.updateTable('schema_migrations').set({ applied_at: nowSql }).where('name', '=', name).execute()
}

/** Applies what is missing, by name; returns the names. Replicas wait for each other; a schema ahead of this code is refused. */
export const migrate = async <DB>({
  db,
  migrations,
  name,
}: {
  db: Kysely<DB>
  migrations: Record<string, Migration>
  name: string
}): Promise<string[]> =>
  withLock(
    db,
    'migrate',
    async (lock) => {
      const tables = db as unknown as Kysely<Tables>
      await createTable(tables)
      const rows = await tables.selectFrom('schema_migrations').select(['name', 'applied_at']).execute()
      const known = new Map(rows.map((row) => [row.name, row.applied_at !== null]))

      const foreign = [...known.keys()].filter((applied) => !Object.hasOwn(migrations, applied))
      if (foreign.length > 0) {
        throw new MigrationError(
          `the schema of ${name} is newer than this code: it has ${foreign.join(', ')}; deploy the newer version`,
        )
      }

      const applied: string[] = []
      for (const [migrationName, migration] of Object.entries(migrations).sort(([a], [b]) =>
        a < b ? -1 : 1,
      )) {
        const state = known.get(migrationName)
        if (state === true) continue
        lock.signal.throwIfAborted()
        await applyOne(tables, migrationName, migration, state === false)
        applied.push(migrationName)
      }
      return applied
    },
    { waitSeconds: 300 },
  )

const isMigration = (module: unknown): module is Migration =>
  typeof module === 'object' && module !== null && typeof Reflect.get(module, 'up') === 'function'

export const loadMigrations = async (folder: URL): Promise<Record<string, Migration>> => {
  const base = folder.href.endsWith('/') ? folder.href : `${folder.href}/`
  const files = (await readdir(new URL(base))).filter((file) => /(?<!\.d)\.[jt]s$/.test(file)).sort()
  const entries = files.map(async (file): Promise<[string, Migration]> => {
    const module: unknown = await import(new URL(file, base).href)
    if (!isMigration(module)) throw new MigrationError(`${file} does not export up()`)
    return [file.replace(/\.[jt]s$/, ''), module]
  })
  return Object.fromEntries(await Promise.all(entries))
}

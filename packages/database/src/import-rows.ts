import { sql, type Kysely } from 'kysely'
import { newId } from './values.ts'

const DELETED_AT_ONCE = 5_000
const STALE_MS = 24 * 3600 * 1000

/** The least id of those that `newId` made later than so many milliseconds ago: ids begin with their time. */
const idBefore = (ms: number) => {
  const now = newId()
  const time = (Number.parseInt(now.slice(0, 8) + now.slice(9, 13), 16) - ms).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}`
}

/** Deletes what an import kept in a table by its `import_id`, so as not to keep its file in memory. */
export const deleteImportRows = async <DB>(
  db: Kysely<DB>,
  table: Extract<keyof DB, string>,
  importId: string,
): Promise<void> => {
  for (;;) {
    const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)} where import_id = ${importId}
      limit ${sql.lit(DELETED_AT_ONCE)}`.execute(db)
    if (numAffectedRows < BigInt(DELETED_AT_ONCE)) return
  }
}

/** Deletes some of what imports left that never finished, a day after; their ids are those of `newId`. */
export const deleteStaleImportRows = async <DB>(
  db: Kysely<DB>,
  table: Extract<keyof DB, string>,
): Promise<void> => {
  await sql`delete from ${sql.table(table)} where import_id < ${idBefore(STALE_MS)}
    limit ${sql.lit(DELETED_AT_ONCE)}`.execute(db)
}

import { deleteImportRows, inTransaction, insertRows, nowSql, secondsAgo } from '@storewright/database'
import type { FieldError } from '@storewright/service-kit/http'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

const columns = [
  'id',
  'started_by as startedBy',
  'dry_run as dryRun',
  'state',
  'problem',
  'records_read as recordsRead',
  'report',
  'started_at as startedAt',
  'updated_at as updatedAt',
] as const

/** Longer than any pause of an import that still runs: then its process is gone. */
const STALE_SECONDS = 120
const isStale = sql<number>`updated_at < ${secondsAgo(STALE_SECONDS)}`.as('isStale')

export const lockImport = (trx: Trx, id: string) =>
  trx
    .selectFrom('imports')
    .select(columns)
    .select(isStale)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()

export const findImport = (db: Db, id: string) =>
  db.selectFrom('imports').select(columns).select(isStale).where('id', '=', id).executeTakeFirst()

/** Records a running import; one that was there begins anew. */
export const upsertImport = async (
  trx: Trx,
  { id, startedBy, dryRun, report }: { id: string; startedBy: string; dryRun: boolean; report: string },
) => {
  const begun = {
    dry_run: Number(dryRun),
    state: 'running' as const,
    problem: null,
    records_read: 0,
    report,
    started_at: nowSql,
    updated_at: nowSql,
  }
  await trx
    .insertInto('imports')
    .values({ id, started_by: startedBy, ...begun })
    .onDuplicateKeyUpdate(begun)
    .execute()
}

/** Stores how far a running import is; one that ended stays as it ended. */
export const updateImport = (
  db: Db,
  id: string,
  progress: {
    state: 'running' | 'finished' | 'failed'
    recordsRead: number
    report: string
    problem: string | null
  },
) =>
  db
    .updateTable('imports')
    .set({
      state: progress.state,
      records_read: progress.recordsRead,
      report: progress.report,
      problem: progress.problem,
      updated_at: nowSql,
    })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute()

export interface LineProblem {
  line: number
  errors: FieldError[]
}

export const insertProblems = (db: Db, importId: string, problems: LineProblem[]) =>
  insertRows(
    db,
    'import_problems',
    problems.map(({ line, errors }) => ({ import_id: importId, line, errors: JSON.stringify(errors) })),
  )

export const listProblemsAfter = (db: Db, importId: string, afterLine: number, limit: number) =>
  db
    .selectFrom('import_problems')
    .select(['line', 'errors'])
    .where('import_id', '=', importId)
    .where('line', '>', afterLine)
    .orderBy('line')
    .limit(limit)
    .execute()

export const deleteProblems = (db: Db, importId: string) => deleteImportRows(db, 'import_problems', importId)

const KEPT_SECONDS = 7 * 24 * 3600
const PURGE_BATCH = 100

/** Forgets imports of last week, with their problems; true while there may be more. */
export const purgeImports = async (db: Db) => {
  const old = await db
    .selectFrom('imports')
    .select('id')
    .where('updated_at', '<', secondsAgo(KEPT_SECONDS))
    .orderBy('updated_at')
    .limit(PURGE_BATCH)
    .execute()
  if (old.length === 0) return false
  for (const { id } of old)
    await inTransaction(db, async (trx) => {
      const isOld = await trx
        .selectFrom('imports')
        .select('id')
        .where('id', '=', id)
        .where('updated_at', '<', secondsAgo(KEPT_SECONDS))
        .forUpdate()
        .executeTakeFirst()
      // One that began again in between is kept, and none begins again while its row is locked.
      if (!isOld) return
      await deleteProblems(db, id)
      await trx.deleteFrom('imports').where('id', '=', id).execute()
    })
  return old.length === PURGE_BATCH
}

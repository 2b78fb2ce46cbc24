import { nowSql, secondsAgo } from '@storewright/database'
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

const KEPT_SECONDS = 7 * 24 * 3600
const PURGE_BATCH = 100

/** Forgets imports of last week; true while there may be more. */
export const purgeImports = async (db: Db) => {
  const { numDeletedRows } = await db
    .deleteFrom('imports')
    .where('updated_at', '<', secondsAgo(KEPT_SECONDS))
    .orderBy('updated_at')
    .limit(PURGE_BATCH)
    .executeTakeFirst()
  return numDeletedRows >= BigInt(PURGE_BATCH)
}

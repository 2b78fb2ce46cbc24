import { createHash } from 'node:crypto'
import { inTransaction, newId } from '@storewright/database'
import { ImportReport, newImportReport, notFound, Problem, toProblem } from '@storewright/service-kit/http'
import { Uuid, Timestamp } from '@storewright/contracts'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import {
  deleteProblems,
  findImport,
  insertProblems,
  listProblemsAfter,
  lockImport,
  purgeImports,
  updateImport,
  upsertImport,
  type LineProblem,
} from './progress-queries.ts'

const WRITE_INTERVAL_MS = 500
/** While an upload stalls, so that its import is not taken for dead. */
const HEARTBEAT_MS = 30_000

export const ImportProgress = Type.Object(
  {
    id: Uuid,
    state: Type.Union([Type.Literal('running'), Type.Literal('finished'), Type.Literal('failed')], {
      title: 'ImportState',
      description: 'failed: what was imported until then stays',
    }),
    dryRun: Type.Boolean({ examples: [false] }),
    problem: Type.Union([Type.String({ maxLength: 500 }), Type.Null()], {
      description: 'why it failed',
    }),
    records: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'read so far; a record of CSV may have several lines',
      examples: [12_500],
    }),
    report: Type.Object(ImportReport.properties, { title: 'ImportReport' }),
    startedAt: Timestamp,
    updatedAt: Timestamp,
  },
  {
    title: 'ImportProgress',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
        state: 'running',
        dryRun: false,
        problem: null,
        records: 12_500,
        report: { created: 12_400, updated: 80, unchanged: 20, rejected: [], rejectedCount: 0 },
        startedAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:21.000Z',
      },
    ],
  },
)

/** What GET shows of an import that runs or ran in the last seven days. */
export const showImport = async (db: Db, id: string) => {
  const found = (await findImport(db, id)) ?? notFound('import', id)
  const isGone = found.state === 'running' && found.isStale
  return {
    id,
    state: isGone ? ('failed' as const) : found.state,
    dryRun: found.dryRun === 1,
    problem: isGone ? 'It ended without a word; send the file again.' : found.problem,
    records: Number(found.recordsRead),
    report: JSON.parse(found.report) as ImportReport,
    startedAt: found.startedAt.toISOString(),
    updatedAt: found.updatedAt.toISOString(),
  }
}

/** Of more rejected lines the first ones are kept: nobody mends so many one by one. */
export const MAX_PROBLEMS = 100_000

/** The rejected lines of an import, in their order. */
export const listProblems = async (db: Db, id: string, page: { afterLine: number; limit: number }) => {
  if (!(await findImport(db, id))) return notFound('import', id)
  const rows = await listProblemsAfter(db, id, page.afterLine, page.limit)
  return rows.map(({ line, errors }) => ({ line, errors: JSON.parse(errors) as LineProblem['errors'] }))
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The id of the import with this Idempotency-Key: the key itself where it is a UUID, so that its client can follow it. */
export const importIdOf = (key: string | undefined, userId: string): string => {
  if (key === undefined) return newId()
  if (UUID.test(key.toLowerCase())) return key.toLowerCase()
  const hash = createHash('sha256').update(`${userId}\n${key}`).digest('hex')
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    hash.slice(12, 16),
    hash.slice(16, 20),
    hash.slice(20, 32),
  ].join('-')
}

interface Start {
  id: string
  by: string
  dryRun: boolean
}

/** Records that an import begins; returns the report of one that finished under this id before. */
const begin = (db: Db, { id, by, dryRun }: Start) =>
  inTransaction(db, async (trx): Promise<ImportReport | null> => {
    const earlier = await lockImport(trx, id)
    if (earlier && (earlier.startedBy !== by || earlier.dryRun !== Number(dryRun)))
      throw new Problem('idempotency-mismatch', 'Use another Idempotency-Key for another import.')
    if (earlier?.state === 'finished') return JSON.parse(earlier.report) as ImportReport
    if (earlier?.state === 'running' && !earlier.isStale)
      throw new Problem(
        'idempotency-running',
        `This import is still running and has read ${earlier.recordsRead} records: GET /v1/product-imports/${id} shows it.`,
        { retryAfter: 5 },
      )
    await upsertImport(trx, { id, startedBy: by, dryRun, report: JSON.stringify(newImportReport()) })
    return null
  })

/** Runs an import once per id and keeps its progress where GET finds it. */
export const trackImport = async (
  db: Db,
  start: Start,
  work: (
    report: ImportReport,
    onProgress: (records: number, problems: LineProblem[]) => Promise<void>,
  ) => Promise<void>,
): Promise<{ report: ImportReport; replayed: boolean }> => {
  const earlier = await begin(db, start)
  if (earlier) return { report: earlier, replayed: true }
  const report = newImportReport()
  let recordsRead = 0
  let problemsKept = 0
  let writtenAt = Date.now()
  const store = (state: 'running' | 'finished' | 'failed', problem: string | null = null) =>
    updateImport(db, start.id, { state, recordsRead, report: JSON.stringify(report), problem })
  const heartbeat = setInterval(() => void store('running').catch(() => undefined), HEARTBEAT_MS)
  try {
    await deleteProblems(db, start.id)
    await work(report, async (records, problems) => {
      recordsRead = records
      const kept = problems.slice(0, MAX_PROBLEMS - problemsKept)
      problemsKept += kept.length
      await insertProblems(db, start.id, kept)
      if (Date.now() - writtenAt < WRITE_INTERVAL_MS) return
      await store('running')
      writtenAt = Date.now()
    })
  } catch (error) {
    // The first error counts; the database may be what is gone.
    await store('failed', toProblem(error).message.slice(0, 500)).catch(() => undefined)
    throw error
  } finally {
    clearInterval(heartbeat)
  }
  await store('finished')
  return { report, replayed: false }
}

/** Deletes what was kept for a week; true while there may be more. */
export const forgetOldImports = (db: Db) => purgeImports(db)

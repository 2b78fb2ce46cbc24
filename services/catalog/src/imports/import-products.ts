import { setTimeout as pause } from 'node:timers/promises'
import {
  deleteImportRows,
  deleteStaleImportRows,
  inTransaction,
  isDuplicateKey,
  newId,
} from '@storewright/database'
import { backoff } from '@storewright/runtime/backoff'
import { rejectLine, toProblem, type FieldError, type ImportReport } from '@storewright/service-kit/http'
import type { Db, Trx } from '../database.ts'
import { retryOnDuplicateKey } from '../writes.ts'
import { importBatch, type BatchResult, type LineOutcome } from './import-batch.ts'
import { insertImportRows } from './queries.ts'
import type { LineProblem } from './progress-queries.ts'
import type { ImportRow, ReadLine } from './row.ts'

const LINES_PER_BATCH = 250
const VARIANTS_PER_BATCH = 500
const CHARACTERS_PER_BATCH = 2 * 1024 * 1024
/** Rows of one product stay together, so that it is written once, and a dry run sees all of it. */
const MORE_LINES_OF_A_PRODUCT = 100

const handleOf = (read: ReadLine | undefined) => (read && 'row' in read ? read.row.handle : undefined)

/** Gathers lines until there are enough for one transaction. */
async function* batchesOf(source: AsyncIterable<ReadLine[]>): AsyncGenerator<ReadLine[]> {
  let batch: ReadLine[] = []
  let variants = 0
  let characters = 0
  const isFull = () =>
    batch.length >= LINES_PER_BATCH || variants >= VARIANTS_PER_BATCH || characters >= CHARACTERS_PER_BATCH
  const goesOn = (line: ReadLine) =>
    handleOf(line) !== undefined &&
    handleOf(line) === handleOf(batch.at(-1)) &&
    batch.length < LINES_PER_BATCH + MORE_LINES_OF_A_PRODUCT

  for await (const lines of source)
    for (const line of lines) {
      if (isFull() && !goesOn(line)) {
        yield batch
        batch = []
        variants = characters = 0
      }
      batch.push(line)
      if ('row' in line) {
        variants += line.row.variants.length
        characters += line.row.characters
      }
    }
  if (batch.length > 0) yield batch
}

/** Adds a batch to the report; returns the lines that were rejected. */
const tally = (report: ImportReport, batch: ReadLine[], outcomes: LineOutcome[]): LineProblem[] => {
  const byLine = new Map(outcomes.map((outcome) => [outcome.line, outcome]))
  const problems: LineProblem[] = []
  for (const read of batch) {
    const result = 'row' in read ? byLine.get(read.row.line)! : read
    if ('outcome' in result) report[result.outcome] += 1
    else problems.push(rejectLine(report, result.line, result.errors))
  }
  return problems
}

/** What a dry run throws in the place of its COMMIT. */
class RollBack extends Error {}

const rolledBack = async <T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> => {
  let result: { value: T } | undefined
  try {
    await inTransaction(db, async (trx) => {
      result = { value: await work(trx) }
      throw new RollBack()
    })
  } catch (error) {
    if (!(error instanceof RollBack) || !result) throw error
  }
  return result!.value
}

interface Import {
  db: Db
  currency: string
  importId: string
  dryRun: boolean
  by: string
}

const applyOnce = (
  { db, importId, dryRun, by, currency }: Import,
  rows: ImportRow[],
): Promise<LineOutcome[]> =>
  retryOnDuplicateKey(async () => {
    const apply = (trx: Trx): Promise<BatchResult> =>
      importBatch(trx, importId, rows, { clock: () => new Date(), by, reason: 'import', currency })
    if (!dryRun)
      return inTransaction(db, async (trx) => {
        const { outcomes, met } = await apply(trx)
        await insertImportRows(trx, importId, met)
        return outcomes
      })
    const { outcomes, met } = await rolledBack(db, apply)
    await inTransaction(db, (trx) => insertImportRows(trx, importId, met))
    return outcomes
  })

/** What is wrong with rows that can never be stored (a value that fits no column, a key that is never free); else null. */
const refusalOf = (error: unknown): FieldError[] | null => {
  const problem = toProblem(error)
  if (isDuplicateKey((error as Error).cause)) return [{ path: '', message: 'has a key that is taken' }]
  if (problem.status >= 500) return null
  return problem.extra.errors ?? [{ path: '', message: problem.message }]
}

const BUSY_ATTEMPTS = 6

/** Waits for others longer than a request would: nobody wants to send a long file again for a lock. */
const applyWhenFree = async (run: Import, rows: ImportRow[]): Promise<LineOutcome[]> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyOnce(run, rows)
    } catch (error) {
      const isBusy = toProblem(error).kind === 'busy' && !isDuplicateKey((error as Error).cause)
      if (!isBusy || attempt === BUSY_ATTEMPTS) throw error
      await pause(backoff(attempt, { from: 100, to: 5_000, spread: [0.5, 1] }))
    }
  }
}

/** Applies a batch. What the database refuses costs its own line: the batch is halved until that is found. */
const applyRows = async (run: Import, rows: ImportRow[]): Promise<LineOutcome[]> => {
  if (rows.length === 0) return []
  try {
    return await applyWhenFree(run, rows)
  } catch (error) {
    const errors = refusalOf(error)
    if (!errors) throw error
    if (rows.length === 1) return rows.map(({ line }) => ({ line, errors }))
    const half = rows.length >> 1
    return [...(await applyRows(run, rows.slice(0, half))), ...(await applyRows(run, rows.slice(half)))]
  }
}

/** Imports a file while it arrives, a transaction per batch, which a dry run rolls back. */
export const importProducts = async (
  db: Db,
  lines: AsyncIterable<ReadLine[]>,
  {
    by,
    currency,
    dryRun,
    report,
    onProgress,
  }: {
    by: string
    currency: string
    dryRun: boolean
    report: ImportReport
    onProgress: (records: number, problems: LineProblem[]) => Promise<void>
  },
): Promise<void> => {
  const importId = newId()
  let records = 0
  try {
    for await (const batch of batchesOf(lines)) {
      const rows = batch.flatMap((read) => ('row' in read ? [read.row] : []))
      const problems = tally(report, batch, await applyRows({ db, importId, dryRun, by, currency }, rows))
      records += batch.length
      await onProgress(records, problems)
    }
  } finally {
    // What stays is deleted a day later: an import that is done must not fail by it.
    await deleteImportRows(db, 'import_rows', importId).catch(() => undefined)
    await deleteStaleImportRows(db, 'import_rows').catch(() => undefined)
  }
}

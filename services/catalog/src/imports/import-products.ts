import { inTransaction, newId } from '@storewright/database'
import { newImportReport, rejectLine, type ImportReport } from '@storewright/service-kit/http'
import type { Db } from '../database.ts'
import { retryOnDuplicateKey } from '../writes.ts'
import { importBatch, type LineOutcome } from './import-batch.ts'
import { deleteImportRows } from './queries.ts'
import type { ReadLine } from './row.ts'

const LINES_PER_BATCH = 250
const VARIANTS_PER_BATCH = 500
const CHARACTERS_PER_BATCH = 2 * 1024 * 1024

/** Gathers lines until there are enough for one transaction. */
async function* batchesOf(source: AsyncIterable<ReadLine[]>): AsyncGenerator<ReadLine[]> {
  let batch: ReadLine[] = []
  let variants = 0
  let characters = 0
  for await (const lines of source)
    for (const line of lines) {
      batch.push(line)
      if ('row' in line) {
        variants += line.row.variants.length
        characters += line.row.characters
      }
      const isFull =
        batch.length >= LINES_PER_BATCH ||
        variants >= VARIANTS_PER_BATCH ||
        characters >= CHARACTERS_PER_BATCH
      if (!isFull) continue
      yield batch
      batch = []
      variants = 0
      characters = 0
    }
  if (batch.length > 0) yield batch
}

const tally = (report: ImportReport, batch: ReadLine[], outcomes: LineOutcome[]) => {
  const byLine = new Map(outcomes.map((outcome) => [outcome.line, outcome]))
  for (const read of batch) {
    const result = 'row' in read ? byLine.get(read.row.line)! : read
    if ('errors' in result) rejectLine(report, result.line, result.errors)
    else report[result.outcome] += 1
  }
}

/** Imports a file while it arrives, a batch of lines per transaction; what was imported stays when the upload ends early. */
export const importProducts = async (
  db: Db,
  lines: AsyncIterable<ReadLine[]>,
  { by, currency }: { by: string; currency: string },
): Promise<ImportReport> => {
  const report = newImportReport()
  const importId = newId()
  try {
    for await (const batch of batchesOf(lines)) {
      const rows = batch.flatMap((read) => ('row' in read ? [read.row] : []))
      const outcomes =
        rows.length === 0
          ? []
          : await retryOnDuplicateKey(() =>
              inTransaction(db, (trx) =>
                importBatch(trx, importId, rows, { clock: () => new Date(), by, reason: 'import', currency }),
              ),
            )
      tally(report, batch, outcomes)
    }
  } finally {
    await deleteImportRows(db, importId)
  }
  return report
}

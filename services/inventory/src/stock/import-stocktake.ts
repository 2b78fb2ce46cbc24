import { deleteImportRows, deleteStaleImportRows, inTransaction, newId, type Db } from '@storewright/database'
import { newImportReport, rejectLine } from '@storewright/service-kit/http'
import type { CatalogClient } from '../catalog-client.ts'
import { MAIN_LOCATION, type Database } from '../database.ts'
import type { Settings } from '../config.ts'
import { insertCountedLines, listCountedLines } from './queries.ts'
import { resolveSkus } from './resolve-skus.ts'
import { applyStocktake, type StocktakeLine, type StocktakeResult } from './stocktake.ts'
import { parseStockCsv, type ParsedLine } from './parse-stock-csv.ts'

/** Lines per commit: many enough to be fast, few enough that shoppers of these SKUs hardly wait. */
const BATCH = 500

const NOT_ASKED = 'is new here, and the catalogue cannot be asked at the moment: import this line again later'

const keyOf = ({ sku, location }: { sku: string; location: string }) => `${sku} ${location}`

interface Importing {
  db: Db<Database>
  catalog: CatalogClient
  settings: Settings
}

/** Counts a file of any length, a batch per commit, and reports on every line in its order. Safe to repeat. */
export const importStocktake = async (
  chunks: AsyncIterable<Uint8Array>,
  recordedBy: string,
  { db, catalog, settings }: Importing,
) => {
  const report = newImportReport()
  const importId = newId()

  const flush = async (batch: readonly ParsedLine[]) => {
    const readable = batch.filter((line): line is StocktakeLine => !('errors' in line))
    const { known, catalogUnavailable } = await resolveSkus(
      readable.map(({ sku }) => sku),
      { db, catalog },
      // Nobody wants to import thousands of lines again because the catalogue was slow once.
      { attempts: 4 },
    )
    const unknown = {
      path: 'sku',
      message: catalogUnavailable ? NOT_ASKED : 'is not a SKU of the catalogue',
    }
    const outcomes = await inTransaction(db, async (trx) => {
      const earlier = await listCountedLines(
        trx,
        importId,
        readable.map(({ sku }) => sku),
      )
      const countedOn = new Map(earlier.map((count) => [keyOf(count), count.line]))
      const results = new Map<number, StocktakeResult>()
      const counts = readable.filter((count) => {
        const line = countedOn.get(keyOf(count))
        if (!known.has(count.sku)) results.set(count.line, unknown)
        else if (line !== undefined)
          results.set(count.line, { path: 'sku', message: `is counted on line ${line} already` })
        else countedOn.set(keyOf(count), count.line)
        return !results.has(count.line)
      })
      await insertCountedLines(trx, importId, counts)
      const applied = await applyStocktake(trx, counts, { recordedBy }, settings)
      for (const [index, { line }] of counts.entries()) results.set(line, applied[index]!)
      return results
    })

    for (const line of batch) {
      const outcome = outcomes.get(line.line)
      if ('errors' in line) rejectLine(report, line.line, line.errors)
      else if (typeof outcome === 'object') rejectLine(report, line.line, [outcome])
      else if (outcome) report[outcome] += 1
    }
  }

  let batch: ParsedLine[] = []
  try {
    for await (const line of parseStockCsv(chunks, MAIN_LOCATION)) {
      batch.push(line)
      if (batch.length < BATCH) continue
      await flush(batch)
      batch = []
    }
    await flush(batch)
  } finally {
    // What stays is deleted a day later: an import that is done must not fail by it.
    await deleteImportRows(db, 'stocktake_lines', importId).catch(() => undefined)
    await deleteStaleImportRows(db, 'stocktake_lines').catch(() => undefined)
  }
  return report
}

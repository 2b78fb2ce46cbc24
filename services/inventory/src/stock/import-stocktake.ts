import { inTransaction, type Db } from '@storewright/database'
import { newImportReport, rejectLine } from '@storewright/service-kit/http'
import type { CatalogClient } from '../catalog-client.ts'
import { MAIN_LOCATION, type Database } from '../database.ts'
import type { Settings } from '../config.ts'
import { applyStocktake, type StocktakeLine } from './stocktake.ts'
import { resolveSkus } from './resolve-skus.ts'
import { parseStockCsv, type ParsedLine, type LineError } from './parse-stock-csv.ts'

/** Lines per commit: many enough to be fast, few enough that shoppers of these SKUs hardly wait. */
const BATCH = 500

const NOT_ASKED = 'is new here, and the catalogue cannot be asked at the moment: import this line again later'

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
  const countedOn = new Map<string, number>()

  const flush = async (batch: readonly ParsedLine[]) => {
    const readable = batch.filter((line): line is StocktakeLine => !('errors' in line))
    const { known, catalogUnavailable } = await resolveSkus(
      readable.map(({ sku }) => sku),
      { db, catalog },
      // Nobody wants to import thousands of lines again because the catalogue was slow once.
      { attempts: 4 },
    )
    const faults = new Map<number, LineError>()
    const counts = readable.filter(({ line, sku, location }) => {
      const key = `${sku} ${location}`
      const earlier = countedOn.get(key)
      if (!known.has(sku))
        faults.set(line, {
          path: 'sku',
          message: catalogUnavailable ? NOT_ASKED : 'is not a SKU of the catalogue',
        })
      else if (earlier !== undefined)
        faults.set(line, { path: 'sku', message: `is counted on line ${earlier} already` })
      else countedOn.set(key, line)
      return !faults.has(line)
    })
    const results = await inTransaction(db, (trx) => applyStocktake(trx, counts, { recordedBy }, settings))

    const outcomes = new Map(counts.map(({ line }, index) => [line, results[index]]))
    for (const line of batch) {
      const fault = faults.get(line.line)
      const outcome = outcomes.get(line.line)
      if ('errors' in line) rejectLine(report, line.line, line.errors)
      else if (fault) rejectLine(report, line.line, [fault])
      else if (typeof outcome === 'object') rejectLine(report, line.line, [outcome])
      else if (outcome) report[outcome] += 1
    }
  }

  let batch: ParsedLine[] = []
  for await (const line of parseStockCsv(chunks, MAIN_LOCATION)) {
    batch.push(line)
    if (batch.length < BATCH) continue
    await flush(batch)
    batch = []
  }
  await flush(batch)
  return report
}

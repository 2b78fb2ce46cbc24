import type { Trx } from '@storewright/database'
import { findLocationIds } from '../locations/location.ts'
import type { Database } from '../database.ts'
import type { Settings } from '../config.ts'
import { recordMovements, registerAndLock, writeStock, type Movement } from './stock-ledger.ts'
import type { LineError } from './parse-stock-csv.ts'

export interface StocktakeLine {
  line: number
  sku: string
  location: string
  onHand: number
}

/** What became of a count: how it differed, or why it was refused. */
export type StocktakeResult = 'created' | 'updated' | 'unchanged' | LineError

/** Writes to the ledger how counts of known SKUs differ; `created` is what had never been counted at that place. */
export const applyStocktake = async (
  trx: Trx<Database>,
  counts: readonly StocktakeLine[],
  { recordedBy }: { recordedBy: string },
  settings: Settings,
): Promise<StocktakeResult[]> => {
  if (counts.length === 0) return []
  const now = settings.clock()
  const locationIds = await findLocationIds(
    trx,
    counts.map(({ location }) => location),
  )
  const skus = counts.map(({ sku }) => sku)
  const stock = await registerAndLock(trx, skus)

  const movements: Movement[] = []
  const results = counts.map(({ sku, location, onHand }): StocktakeResult => {
    const locationId = locationIds.get(location)
    if (locationId === undefined) return { path: 'location', message: 'is not a location' }
    const level = stock.level(sku, locationId)
    if (onHand < level.reserved) {
      return { path: 'onHand', message: `is less than the ${level.reserved} that orders hold there` }
    }

    const isFirst = level.countedAt === null
    const delta = onHand - level.onHand
    if (!isFirst && delta === 0) return 'unchanged'
    const { balance } = stock.count(sku, locationId, delta, now)
    if (delta !== 0) {
      movements.push({
        sku,
        locationId,
        location,
        kind: 'count',
        delta,
        balance,
        reason: 'count',
        recordedBy,
      })
    }
    return isFirst ? 'created' : 'updated'
  })
  await recordMovements(trx, movements, now)
  await writeStock(trx, stock, settings)
  return results
}

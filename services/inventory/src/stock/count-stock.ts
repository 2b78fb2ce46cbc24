import type { Trx } from '@storewright/database'
import { listLocationIds } from '../locations/queries.ts'
import type { Database } from '../database.ts'
import type { Settings } from '../settings.ts'
import { lockStock, recordMovements, writeStock, type Movement } from './ledger.ts'
import { insertUnknownSkus } from './queries.ts'
import type { LineError } from './read-counts.ts'

export interface Count {
  line: number
  sku: string
  location: string
  onHand: number
}

/** What became of a count: how it differed, or why it was refused. */
export type Counted = 'created' | 'updated' | 'unchanged' | LineError

/**
 * Takes counts for true: what they differ from the books goes to the ledger, so that counting again changes nothing.
 * `created` is what had never been counted at that place. All SKUs are known, here or to the catalogue.
 */
export const countStock = async (
  trx: Trx<Database>,
  counts: readonly Count[],
  { recordedBy }: { recordedBy: string },
  settings: Settings,
): Promise<Counted[]> => {
  if (counts.length === 0) return []
  const now = settings.clock()
  const places = await listLocationIds(
    trx,
    counts.map(({ location }) => location),
  )
  const skus = counts.map(({ sku }) => sku)
  await insertUnknownSkus(trx, skus)
  const stock = await lockStock(trx, skus)

  const movements: Movement[] = []
  const results = counts.map(({ sku, location, onHand }): Counted => {
    const locationId = places.get(location)
    if (locationId === undefined) return { path: 'location', message: 'is not a location' }
    const shelf = stock.shelf(sku, locationId)
    if (onHand < shelf.reserved) {
      return { path: 'onHand', message: `is less than the ${shelf.reserved} that orders hold there` }
    }

    const isFirst = shelf.countedAt === null
    const delta = onHand - shelf.onHand
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

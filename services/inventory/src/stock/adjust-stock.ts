import type { Trx } from '@storewright/database'
import { Problem } from '@storewright/service-kit'
import { MAIN_LOCATION, type Database } from '../database.ts'
import { findLocation } from '../locations/queries.ts'
import type { Settings } from '../settings.ts'
import { lockStock, recordMovements, writeStock } from './ledger.ts'
import { insertUnknownSkus } from './queries.ts'
import { MAX_ON_HAND } from './stock.ts'

export interface Adjustment {
  sku: string
  delta: number
  reason: string
  location?: string
  reference?: string
  recordedBy: string
}

/** Changes what is on hand at one location and writes why to the ledger. Never cuts into what orders hold there. */
export const adjustStock = async (trx: Trx<Database>, adjustment: Adjustment, settings: Settings) => {
  const { sku, delta, reason, reference, recordedBy } = adjustment
  const place = await findLocation(trx, adjustment.location ?? MAIN_LOCATION)
  if (!place) {
    throw new Problem('unknown-location', `There is no location ${adjustment.location}.`, {
      errors: [{ path: 'location', message: 'is not a location' }],
    })
  }

  await insertUnknownSkus(trx, [sku])
  const stock = await lockStock(trx, [sku])
  const { onHand, reserved } = stock.shelf(sku, place.id)
  if (onHand + delta < reserved) {
    const there = `${onHand} of ${sku} are at ${place.code}, ${reserved} of them reserved`
    throw new Problem('insufficient-stock', `${there}: at most ${onHand - reserved} can be taken away.`, {
      sku,
      location: place.code,
      onHand,
      reserved,
    })
  }
  if (onHand + delta > MAX_ON_HAND) {
    throw new Problem('unprocessable', `A location can have at most ${MAX_ON_HAND} of one SKU.`, {
      errors: [{ path: 'delta', message: `would make more than ${MAX_ON_HAND}` }],
    })
  }

  const now = settings.clock()
  const { balance } = stock.count(sku, place.id, delta, now)
  const movement = {
    sku,
    locationId: place.id,
    location: place.code,
    kind: 'adjustment' as const,
    delta,
    balance,
    reason,
    reference,
    recordedBy,
  }
  await recordMovements(trx, [movement], now)
  await writeStock(trx, stock, settings)
}

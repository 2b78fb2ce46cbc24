import type { Trx } from '@storewright/database'
import { MAIN_LOCATION, type Database } from '../database.ts'
import { requireLocation } from '../locations/require-location.ts'
import type { Settings } from '../config.ts'
import { recordMovements, registerAndLock, writeStock } from './stock-ledger.ts'
import { MAX_ON_HAND } from './stock.ts'
import { insufficientStock, Problem } from '../problems.ts'

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
  const location = adjustment.location ?? MAIN_LOCATION
  const locationId = await requireLocation(trx, location)
  const stock = await registerAndLock(trx, [sku])
  const { onHand, reserved } = stock.level(sku, locationId)
  if (onHand + delta < reserved) throw insufficientStock({ sku, location, onHand, reserved })
  if (onHand + delta > MAX_ON_HAND) {
    throw new Problem('unprocessable', `A location can have at most ${MAX_ON_HAND} of one SKU.`, {
      errors: [{ path: 'delta', message: `would make more than ${MAX_ON_HAND}` }],
    })
  }

  const now = settings.clock()
  const { balance } = stock.count(sku, locationId, delta, now)
  const movement = {
    sku,
    locationId,
    location,
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

import { StockAdjusted, StockLow, StockStatusChanged, type Envelope } from '@storewright/contracts'
import { newId, type Trx } from '@storewright/database'
import { currentCorrelation } from '@storewright/messaging/correlation'
import { emit } from '@storewright/messaging/outbox'
import type { Database } from '../database.ts'
import type { Settings } from '../config.ts'
import { findLocationCodes } from '../locations/location.ts'
import { updateSignals } from './low-stock.ts'
import {
  insertMovements,
  insertUnknownSkus,
  lockStockLevels,
  upsertStockLevels,
  type NewMovement,
} from './queries.ts'
import { Stock } from './stock.ts'

/** Locks the SKUs until the transaction ends and reads what there is of them. Unknown SKUs have nothing. */
export const lockStock = async (trx: Trx<Database>, skus: Iterable<string>) => {
  const levels = await lockStockLevels(trx, skus)
  return new Stock(levels, levels[0]?.now)
}

/** The same for SKUs that the catalog knows: new ones are known here from now on. */
export const registerAndLock = async (trx: Trx<Database>, skus: readonly string[]) => {
  await insertUnknownSkus(trx, skus)
  return lockStock(trx, skus)
}

type Causes = ReadonlyMap<string, Envelope>
type Alerted = ReturnType<Stock['changedLevels']>[number]

const emitLow = async (
  trx: Trx<Database>,
  alerted: readonly Alerted[],
  settings: Settings,
  causes: Causes,
) => {
  if (alerted.length === 0) return
  const codes = await findLocationCodes(
    trx,
    alerted.map(({ locationId }) => locationId),
  )
  for (const { sku, locationId, alert, alertedAt, onHand, reserved, lowStockThreshold } of alerted) {
    const low = {
      sku,
      location: codes.get(locationId) ?? '',
      level: alert ?? 'low',
      available: onHand - reserved,
      threshold: lowStockThreshold ?? settings.lowStockThreshold,
      since: (alertedAt ?? settings.clock()).toISOString(),
    }
    await emit(trx, StockLow, low, { cause: causes.get(sku) })
  }
}

/** Writes each changed row once, with its alert and reorder state; emits what a shop must show or heed differently. */
export const writeStock = async (
  trx: Trx<Database>,
  stock: Stock,
  settings: Settings,
  /** The event that changed a SKU last, where events did. */
  causes: Causes = new Map(),
) => {
  const { lowStockThreshold } = settings
  const now = settings.clock()
  const levels = stock.changedLevels()
  const alerted = levels.filter((level) => updateSignals(level, { lowStockThreshold, now }) !== null)
  await upsertStockLevels(trx, levels)
  for (const change of stock.statusChanges(lowStockThreshold)) {
    await emit(trx, StockStatusChanged, change, { cause: causes.get(change.sku) })
  }
  await emitLow(trx, alerted, settings, causes)
}

export type Movement = Omit<NewMovement, 'id' | 'correlationId'> & {
  readonly location?: string
  /** The event that caused it; by default the request or event that is being handled. */
  readonly cause?: Envelope
}

/** Writes movements to the ledger and emits StockAdjusted for each but sales, which StockCommitted reports. */
export const recordMovements = async (trx: Trx<Database>, movements: readonly Movement[], now: Date) => {
  const correlationId = currentCorrelation()?.correlationId
  const rows = movements.map((movement) => ({
    ...movement,
    id: newId(),
    correlationId: movement.cause?.correlationId ?? correlationId,
  }))
  await insertMovements(trx, rows, now)
  for (const { id, sku, location, kind, delta, balance, reason, cause } of rows) {
    if (kind === 'sale') continue
    if (location === undefined) throw new Error(`a ${kind} must name its location`)
    const adjusted = { sku, location, kind, delta, onHand: balance, reason, movementId: id }
    await emit(trx, StockAdjusted, adjusted, { cause })
  }
  return rows.map(({ id }) => id)
}

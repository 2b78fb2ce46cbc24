import { StockAdjusted, StockStatusChanged, type Envelope } from '@storewright/contracts'
import { newId, type Trx } from '@storewright/database'
import { currentCorrelation } from '@storewright/messaging/correlation'
import { emit } from '@storewright/messaging/outbox'
import type { Database } from '../database.ts'
import type { Settings } from '../config.ts'
import { insertMovements, lockStockLevels, upsertStockLevels, type NewMovement } from './queries.ts'
import { Stock } from './stock.ts'

/** Locks the SKUs until the transaction ends and reads what there is of them. Unknown SKUs have nothing. */
export const lockStock = async (trx: Trx<Database>, skus: Iterable<string>) =>
  new Stock(await lockStockLevels(trx, skus))

/** Writes each changed row once and emits StockStatusChanged where a status changed. */
export const writeStock = async (
  trx: Trx<Database>,
  stock: Stock,
  { lowStockThreshold }: Settings,
  /** The event that changed a SKU last, where events did. */
  causes: ReadonlyMap<string, Envelope> = new Map(),
) => {
  await upsertStockLevels(trx, stock.changedLevels())
  for (const change of stock.statusChanges(lowStockThreshold)) {
    const cause = causes.get(change.sku)
    await emit(trx, StockStatusChanged, change, cause ? { cause } : {})
  }
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

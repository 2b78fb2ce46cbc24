import { StockRejected, StockReserved, type Envelope, type SkuQuantity } from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import type { Database } from '../database.ts'
import type { Settings } from '../config.ts'
import { lockStock, writeStock } from '../stock/stock-ledger.ts'
import { allocate } from './allocate.ts'
import { insertReservations, type NewReservation } from './queries.ts'
import { linesOf } from './reservation.ts'

/** An event that wants stock for an order. */
type Demand = Envelope<{ orderId: string; lines: readonly SkuQuantity[] }>

/** Decides orders without a reservation as they arrived; hot rows are locked once for all of them and written last. */
export const reserveOrReject = async (
  trx: Trx<Database>,
  demands: readonly Demand[],
  /** Whether the hold is already for good, or waits for a confirmation. */
  state: 'held' | 'confirmed',
  settings: Settings,
) => {
  if (demands.length === 0) return
  const stock = await lockStock(
    trx,
    demands.flatMap(({ data }) => data.lines.map(({ sku }) => sku)),
  )
  const expiresAt = new Date(stock.now.getTime() + settings.reservationTtlMs)
  const decisions = allocate(
    demands.map((event) => ({ event, lines: event.data.lines })),
    stock,
  )

  const reservations: NewReservation[] = []
  const causes = new Map<string, Envelope>()
  for (const decision of decisions) {
    const { event } = decision.order
    const { orderId } = event.data
    if (decision.outcome === 'rejected') {
      reservations.push({ orderId, state: 'rejected', expiresAt: null, lines: [] })
      await emit(trx, StockRejected, { orderId, shortages: decision.shortages }, { cause: event })
      continue
    }
    const lines = decision.allocations.map(({ sku, locationId, quantity }) => {
      causes.set(sku, event)
      return { orderId, sku, locationId, quantity, held: quantity, shipped: 0 }
    })
    reservations.push({ orderId, state, expiresAt: state === 'held' ? expiresAt : null, lines })
    const held = { orderId, lines: linesOf(decision.allocations), expiresAt: expiresAt.toISOString() }
    await emit(trx, StockReserved, held, { cause: event })
  }

  await insertReservations(trx, reservations)
  await writeStock(trx, stock, settings, causes)
}

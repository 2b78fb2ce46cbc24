import { StockCommitted, type Envelope, type OrderShipped } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { lockStock, recordMovements, writeStock, type Movement } from '../stock/stock-ledger.ts'
import type { Allocation, Stock } from '../stock/stock.ts'
import { listShipmentsSold, lockReservations, updateReservations } from './queries.ts'
import { linesOf, shipHold, type Reservation } from './reservation.ts'
import { orderIdsOf, type BatchHandler } from './reserve-stock.ts'

const sell = (stock: Stock, allocations: readonly Allocation[], cause: Envelope<OrderShipped>): Movement[] =>
  allocations.map((allocation) => ({
    sku: allocation.sku,
    locationId: allocation.locationId,
    kind: 'sale',
    delta: -allocation.quantity,
    balance: stock.ship(allocation).balance,
    reason: 'shipped',
    orderId: cause.data.orderId,
    shipmentId: cause.data.shipmentId,
    cause,
  }))

/** A sale once per shipment; one that finds too little held is tried again: a confirmation may reserve anew. */
export const commitStock: BatchHandler<OrderShipped> = async (trx, events, settings) => {
  const now = settings.clock()
  const reservations = await lockReservations(trx, orderIdsOf(events))
  const committed = await listShipmentsSold(
    trx,
    events.map(({ data }) => data.shipmentId),
  )
  const stock = await lockStock(
    trx,
    events.flatMap(({ data }) => data.lines.map(({ sku }) => sku)),
  )

  const touched = new Set<Reservation>()
  const movements: Movement[] = []
  const causes = new Map<string, Envelope>()
  for (const event of events) {
    const { orderId, shipmentId, lines } = event.data
    if (committed.has(shipmentId)) continue
    committed.add(shipmentId)
    const reservation = reservations.get(orderId)
    const allocations = reservation ? shipHold(reservation, lines) : null
    if (!reservation || !allocations)
      throw new Error(`shipment ${shipmentId} is more than order ${orderId} holds`)
    touched.add(reservation)
    movements.push(...sell(stock, allocations, event))
    for (const { sku } of allocations) causes.set(sku, event)
    await emit(trx, StockCommitted, { orderId, shipmentId, lines: linesOf(allocations) }, { cause: event })
  }

  await updateReservations(trx, [...touched])
  await recordMovements(trx, movements, now)
  await writeStock(trx, stock, settings, causes)
}

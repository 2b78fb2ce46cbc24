import {
  StockReleased,
  type Envelope,
  type OrderCancelled,
  type StockReleased as Released,
} from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import type { Database } from '../database.ts'
import type { Settings } from '../config.ts'
import { lockStock, writeStock } from '../stock/stock-ledger.ts'
import type { Allocation } from '../stock/stock.ts'
import { insertReservations, lockExpired, lockReservations, updateReservations } from './queries.ts'
import { cancelHold, cancelledEarly, expireHold, linesOf, type Reservation } from './reservation.ts'
import { orderIdsOf, type BatchHandler } from './reserve-stock.ts'

interface Release {
  reservation: Reservation
  freed: Allocation[]
  reason: Released['reason']
  cause?: Envelope
}

const writeReleases = async (trx: Trx<Database>, releases: readonly Release[], settings: Settings) => {
  const freed = releases.flatMap((release) => release.freed)
  const stock = await lockStock(
    trx,
    freed.map(({ sku }) => sku),
  )
  stock.release(freed)
  await updateReservations(trx, [...new Set(releases.map(({ reservation }) => reservation))])

  const causes = new Map<string, Envelope>()
  for (const { reservation, freed, reason, cause } of releases) {
    if (freed.length === 0) continue
    if (cause) for (const { sku } of freed) causes.set(sku, cause)
    const released = { orderId: reservation.orderId, reason, lines: linesOf(freed) }
    await emit(trx, StockReleased, released, cause ? { cause } : {})
  }
  await writeStock(trx, stock, settings, causes)
}

/** Gives back what orders hold and will not ship; one that is not here yet leaves a tombstone for its OrderPlaced. */
export const cancelReservations: BatchHandler<OrderCancelled> = async (trx, events, settings) => {
  const reservations = await lockReservations(trx, orderIdsOf(events))
  const early = new Map(
    events
      .filter(({ data }) => !reservations.has(data.orderId))
      .map(({ data }) => [data.orderId, data.lines]),
  )
  const tombstones = [...early].map(([orderId, lines]) => ({
    orderId,
    state: 'cancelled' as const,
    expiresAt: null,
    lines: cancelledEarly(orderId, lines),
  }))
  await insertReservations(trx, tombstones)

  const releases = events.flatMap((event): Release[] => {
    const reservation = reservations.get(event.data.orderId)
    if (!reservation) return []
    return [
      { reservation, freed: cancelHold(reservation, event.data.lines), reason: 'cancelled', cause: event },
    ]
  })
  await writeReleases(trx, releases, settings)
}

/** Takes back unconfirmed holds whose time is over, some or those of the named orders; returns how many. */
export const expireReservations = async (
  trx: Trx<Database>,
  settings: Settings,
  which: { limit: number; orderIds?: string[] },
) => {
  const expired = await lockExpired(trx, which)
  const releases = expired.map((reservation): Release => {
    const freed = expireHold(reservation)
    return { reservation, freed, reason: 'expired' }
  })
  await writeReleases(trx, releases, settings)
  return expired.length
}

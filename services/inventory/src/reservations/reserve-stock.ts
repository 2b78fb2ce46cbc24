import type { Envelope, OrderConfirmed, OrderPlaced, SkuQuantity } from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import type { Database, ReservationState } from '../database.ts'
import type { Settings } from '../config.ts'
import { reserveOrReject } from './reserve-or-reject.ts'
import { deleteReservations, listCancelledEarly, lockStates, updateState } from './queries.ts'
import { stillWanted } from './reservation.ts'

/** Handles a batch of events of one type in the transaction of their delivery. */
export type BatchHandler<Data> = (
  trx: Trx<Database>,
  events: readonly Envelope<Data>[],
  settings: Settings,
) => Promise<void>

type WithLines = { orderId: string; lines: readonly SkuQuantity[] }

/** The orders of a batch that are to be decided, each once and without what was cancelled before. */
const findDemands = async <Data extends WithLines>(
  trx: Trx<Database>,
  events: readonly Envelope<Data>[],
  states: ReadonlyMap<string, ReservationState>,
  isConfirmed: boolean,
): Promise<Envelope<WithLines>[]> => {
  const ended = [...states].filter(([, state]) => state === 'cancelled' || state === 'expired')
  const cancelled = await listCancelledEarly(
    trx,
    ended.map(([orderId]) => orderId),
  )
  const demands = new Map<string, Envelope<WithLines>>()
  for (const event of events) {
    const { orderId } = event.data
    const state = states.get(orderId)
    const early = cancelled.get(orderId) ?? []
    const lines = stillWanted(event.data.lines, { ...(state && { state }), early, isConfirmed })
    if (lines.length > 0 && !demands.has(orderId))
      demands.set(orderId, { ...event, data: { orderId, lines } })
  }
  await deleteReservations(
    trx,
    [...demands.keys()].filter((orderId) => states.has(orderId)),
  )
  return [...demands.values()]
}

/** Decides orders in one commit, each all or none and once; what was cancelled of one earlier is not wanted any more. */
export const reserveStock: BatchHandler<OrderPlaced> = async (trx, events, settings) => {
  const states = await lockStates(trx, orderIdsOf(events))
  await reserveOrReject(trx, await findDemands(trx, events, states, false), 'held', settings)
}

/** The orders of a batch, each once. */
export const orderIdsOf = (events: readonly Envelope<{ orderId: string }>[]) => [
  ...new Set(events.map(({ data }) => data.orderId)),
]

/** Confirmed orders keep their hold for good; where it expired, stock is reserved and emitted anew, or rejected. */
export const confirmReservations: BatchHandler<OrderConfirmed> = async (trx, events, settings) => {
  const states = await lockStates(trx, orderIdsOf(events))
  const held = [...states].filter(([, state]) => state === 'held').map(([orderId]) => orderId)
  await updateState(trx, held, 'confirmed')
  await reserveOrReject(trx, await findDemands(trx, events, states, true), 'confirmed', settings)
}

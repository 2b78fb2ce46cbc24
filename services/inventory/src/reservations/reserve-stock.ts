import type { Envelope, OrderConfirmed, OrderPlaced } from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import type { Database } from '../database.ts'
import type { Settings } from '../config.ts'
import { reserveOrReject } from './reserve-or-reject.ts'
import { deleteReservations, lockStates, updateState } from './queries.ts'

/** Handles a batch of events of one type in the transaction of their delivery. */
export type BatchHandler<Data> = (
  trx: Trx<Database>,
  events: readonly Envelope<Data>[],
  settings: Settings,
) => Promise<void>

/** Decides orders in one commit, each all or none and once; one that was cancelled earlier is decided already. */
export const reserveStock: BatchHandler<OrderPlaced> = async (trx, events, settings) => {
  const decided = new Set((await lockStates(trx, orderIdsOf(events))).keys())
  const demands = events.filter(({ data: { orderId } }) => {
    const isNew = !decided.has(orderId)
    decided.add(orderId)
    return isNew
  })
  await reserveOrReject(trx, demands, 'held', settings)
}

/** The orders of a batch, each once. */
export const orderIdsOf = (events: readonly Envelope<{ orderId: string }>[]) => [
  ...new Set(events.map(({ data }) => data.orderId)),
]

/** Confirmed orders keep their hold for good; where it expired, stock is reserved and emitted anew, or rejected. */
export const confirmReservations: BatchHandler<OrderConfirmed> = async (trx, events, settings) => {
  const states = await lockStates(trx, orderIdsOf(events))
  const held: string[] = []
  const expired: string[] = []
  const demands: Envelope<OrderConfirmed>[] = []
  for (const event of events) {
    const { orderId } = event.data
    const state = states.get(orderId)
    if (state === 'held') held.push(orderId)
    if (state === 'expired') expired.push(orderId)
    if (state === 'expired' || state === undefined) demands.push(event)
    states.set(orderId, 'confirmed')
  }
  await updateState(trx, held, 'confirmed')
  await deleteReservations(trx, expired)
  await reserveOrReject(trx, demands, 'confirmed', settings)
}

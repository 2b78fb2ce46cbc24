import type { Envelope, OrderConfirmed } from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import type { Database } from '../database.ts'
import type { Settings } from '../deps.ts'
import { reserveOrReject } from './reserve-or-reject.ts'
import { deleteReservations, lockStates, updateState } from './queries.ts'
import { orderIdsOf } from './reserve-stock.ts'

/**
 * Confirmed orders keep their hold for good. Where the sweep was faster, stock is reserved anew, and emitted again, or
 * rejected. Orders that are cancelled, rejected or already shipped stay as they are.
 */
export const confirmReservations = async (
  trx: Trx<Database>,
  events: readonly Envelope<OrderConfirmed>[],
  settings: Settings,
) => {
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
  await updateState(trx, held, 'confirmed', settings.clock())
  await deleteReservations(trx, expired)
  await reserveOrReject(trx, demands, 'confirmed', settings)
}

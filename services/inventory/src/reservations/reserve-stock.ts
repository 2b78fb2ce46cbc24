import type { Envelope, OrderPlaced } from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import type { Database } from '../database.ts'
import type { Settings } from '../deps.ts'
import { reserveOrReject } from './reserve-or-reject.ts'
import { lockStates } from './queries.ts'

/**
 * Decides a batch of orders in one commit, each all or none. An order is decided once: one that is
 * already here was delivered before, or was cancelled before it came and needs no answer.
 */
export const reserveStock = async (
  trx: Trx<Database>,
  events: readonly Envelope<OrderPlaced>[],
  settings: Settings,
) => {
  const decided = new Set((await lockStates(trx, orderIdsOf(events))).keys())
  const demands = events.filter(({ data: { orderId } }) => {
    const isNew = !decided.has(orderId)
    decided.add(orderId)
    return isNew
  })
  await reserveOrReject(trx, demands, 'held', settings)
}

export const orderIdsOf = (events: readonly Envelope<{ orderId: string }>[]) => [
  ...new Set(events.map(({ data }) => data.orderId)),
]

import type { Trx } from '../database.ts'
import type { Signals } from '../signals.ts'
import { markDeclined } from './queries.ts'

/** No money for these locked orders: until the deadline their customers may try again. */
export const awaitPayment = async (
  trx: Trx,
  declines: readonly { orderId: string; reason: string }[],
  signals: Signals,
) => {
  if (declines.length === 0) return
  await markDeclined(
    trx,
    declines.map(({ orderId, reason }) => ({ id: orderId, reason })),
  )
  signals.ordersSettled(
    trx,
    declines.map(({ orderId }) => orderId),
  )
}

import { Problem } from '@storewright/service-kit'
import { causedByRequest } from '../cause.ts'
import type { Trx } from '../database.ts'
import { onCancelAsked } from '../orders/order.ts'
import type { Signals } from '../signals.ts'
import type { Actor } from '../timeline/timeline.ts'
import { cancelOrders } from './cancel-orders.ts'
import { lockOrders } from './lock-orders.ts'
import { findShipmentUnderWay } from './queries.ts'

/** Cancels what has not been shipped, because somebody asked. Asking again changes nothing. */
export const requestCancellation = async (
  trx: Trx,
  { orderId, reason, by, now }: { orderId: string; reason: string | null; by: Actor; now: Date },
  signals: Signals,
) => {
  const order = (await lockOrders(trx, [orderId]))(orderId)
  const answer = onCancelAsked({ status: order.status, cancelled: order.cancelledAt !== null })
  if (answer === 'already') return
  if (answer === 'too-late') {
    throw new Problem('wrong-state', `The order is ${order.status} and cannot be cancelled any more.`, {
      orderStatus: order.status,
    })
  }
  if (await findShipmentUnderWay(trx, [orderId])) {
    throw new Problem('wrong-state', 'A shipment is just leaving the house; ask again in a moment.', {
      orderStatus: order.status,
      retryAfter: 1,
    })
  }
  await cancelOrders(
    trx,
    [
      {
        order,
        reason: reason ?? 'cancelled-on-request',
        by,
        summary:
          answer === 'cancel-rest' ? 'What was not shipped yet was cancelled.' : 'The order was cancelled.',
        cause: causedByRequest(),
      },
    ],
    { signals, now },
  )
}

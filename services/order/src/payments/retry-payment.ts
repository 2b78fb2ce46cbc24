import { Problem } from '@storewright/service-kit'
import { causedByRequest } from '../cause.ts'
import type { Trx } from '../database.ts'
import { lockOrders } from '../saga/lock-orders.ts'
import type { Signals } from '../signals.ts'
import { recordSteps } from '../timeline/record-steps.ts'
import type { Actor } from '../timeline/timeline.ts'
import type { PaymentMethod } from './payment-method.ts'
import { markPaymentPending } from './queries.ts'
import { startAuthorizations } from './start-payments.ts'

/** Another try after a decline, while the stock is still held. */
export const retryPayment = async (
  trx: Trx,
  { orderId, method, by, now }: { orderId: string; method: PaymentMethod; by: Actor; now: Date },
  signals: Signals,
) => {
  const order = (await lockOrders(trx, [orderId]))(orderId)
  if (
    order.status === 'reserved' ||
    (order.status === 'awaiting_payment' && order.paymentStatus === 'pending')
  ) {
    throw new Problem('payment-unresolved', 'The outcome of the last attempt is not known yet.', {
      retryAfter: 1,
    })
  }
  if (order.status !== 'awaiting_payment') {
    throw new Problem('wrong-state', `The order is ${order.status}; there is nothing to pay.`, {
      orderStatus: order.status,
    })
  }
  if (order.expiresAt && order.expiresAt <= now) {
    throw new Problem('wrong-state', 'The time to pay is over; the order is being cancelled.', {
      orderStatus: order.status,
    })
  }
  const cause = causedByRequest()
  await markPaymentPending(trx, orderId, method.provider)
  await startAuthorizations(
    trx,
    [{ orderId, ...method, amountMinor: order.totalMinor, currency: order.currency, cause }],
    { signals, now },
  )
  await recordSteps(
    trx,
    [
      {
        orderId,
        type: 'payment-retried',
        by,
        summary: 'The payment is tried again.',
        correlationId: cause.correlationId,
      },
    ],
    now,
  )
}

import { causedByRequest } from '../correlation.ts'
import type { Actor, Trx } from '../database.ts'
import { money } from '../pricing/totals.ts'
import { Problem } from '../problems.ts'
import { recordSteps } from '../timeline/timeline.ts'
import { markDeclined, markPaymentPending } from './transition-queries.ts'
import { lockAndIndexOrders, type StepContext } from './transition.ts'

/** The provider refused to pay for these locked orders: until the deadline their customers may try again. */
export const markPaymentDeclined = async (
  trx: Trx,
  declines: readonly { id: string; reason: string }[],
  { notifier }: StepContext,
) => {
  if (declines.length === 0) return
  await markDeclined(trx, declines)
  notifier.notifyOrders(
    trx,
    declines.map(({ id }) => id),
  )
}

/** Another try after a decline, while the stock is still held. */
export const retryPayment = async (
  trx: Trx,
  { orderId, method, by }: { orderId: string; method: { provider: string; token: string | null }; by: Actor },
  context: StepContext,
) => {
  const { status, paymentStatus, expiresAt, totalMinor, currency } = (
    await lockAndIndexOrders(trx, [orderId])
  )(orderId)
  if (status === 'reserved' || (status === 'awaiting_payment' && paymentStatus === 'pending')) {
    throw new Problem('payment-unresolved', 'The outcome of the last attempt is not known yet.', {
      retryAfter: 1,
    })
  }
  if (status !== 'awaiting_payment') {
    throw new Problem('wrong-state', `The order is ${status}; there is nothing to pay.`, {
      orderStatus: status,
    })
  }
  if (expiresAt && expiresAt <= context.now) {
    throw new Problem('wrong-state', 'The time to pay is over; the order is being cancelled.', {
      orderStatus: status,
    })
  }
  const cause = causedByRequest()
  await markPaymentPending(trx, orderId, method.provider)
  const request = { orderId, ...method, amountMinor: totalMinor, currency, cause }
  await context.payments.authorize(trx, [request], context)
  await recordSteps(
    trx,
    [
      {
        orderId,
        type: 'payment-retried',
        by,
        summary: 'The payment is tried again.',
        data: { provider: method.provider, amount: money(totalMinor, currency) },
        correlationId: cause.correlationId,
      },
    ],
    context.now,
  )
}

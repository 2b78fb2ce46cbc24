import { causedByRequest, type Cause } from '../correlation.ts'
import type { Actor, Trx } from '../database.ts'
import { money } from '../pricing/totals.ts'
import { Problem } from '../problems.ts'
import { recordSteps } from '../timeline/timeline.ts'
import { onAuthorized } from './order.ts'
import { markActionRequired, markDeclined, markPaymentPending } from './transition-queries.ts'
import { lockAndIndexOrders, type LockedOrder, type StepContext } from './transition.ts'

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

interface ActionRequired {
  order: LockedOrder
  /** As the API shows it, in JSON. */
  action: string
  cause: Cause
}

/** Their customers have to act before these locked orders are paid; of one that has ended the payment is withdrawn. */
export const handleActionRequired = async (
  trx: Trx,
  required: readonly ActionRequired[],
  context: StepContext,
) => {
  const [open, ended] = [true, false].map((isOpen) =>
    required.filter(({ order }) => (onAuthorized(order.status) === 'confirm') === isOpen),
  ) as [ActionRequired[], ActionRequired[]]
  if (open.length > 0) {
    await markActionRequired(
      trx,
      open.map(({ order, action }) => ({ id: order.id, action })),
    )
    context.notifier.notifyOrders(
      trx,
      open.map(({ order }) => order.id),
    )
  }
  await context.payments.withdraw(
    trx,
    ended.map(({ order, cause }) => ({ orderId: order.id, cause })),
    context,
  )
}

export interface RetryPayment {
  orderId: string
  method: { provider: string; token: string | null }
  by: Actor
  /** How often an order may be tried to be paid. */
  maxTries: number
}

/** Another try, while the stock is still held: after a decline, or in place of one that waits for the customer. */
export const retryPayment = async (
  trx: Trx,
  { orderId, method, by, maxTries }: RetryPayment,
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
  if ((await context.payments.countTries(trx, orderId)) >= maxTries) {
    throw new Problem(
      'payment-tries-exhausted',
      `An order can be tried to be paid ${maxTries} times; place another one.`,
      { orderStatus: status },
    )
  }
  const cause = causedByRequest()
  if (paymentStatus === 'requires_action') await context.payments.withdraw(trx, [{ orderId, cause }], context)
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

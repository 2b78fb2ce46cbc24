import { newId } from '@storewright/database'
import { causedByRequest } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { lockAndIndexOrders, type StepContext } from '../orders/transition.ts'
import { money } from '../pricing/totals.ts'
import { Problem } from '../problems.ts'
import { inWords, recordSteps } from '../timeline/timeline.ts'
import { addReceived, insertReceipt } from './receipt-queries.ts'

export interface ReceivePayment {
  orderId: string
  /** Without it all that is left to be received. */
  amount: { amount: number; currency: string } | undefined
  reference: string | null
  receivedAt: Date
  recordedBy: string
}

/** Staff record that the money of a manual payment came: an invoice was paid, or cash on delivery. */
export const receivePayment = async (trx: Trx, command: ReceivePayment, { now, notifier }: StepContext) => {
  const { orderId, reference, receivedAt, recordedBy } = command
  const order = (await lockAndIndexOrders(trx, [orderId]))(orderId)
  const { status, paymentProvider, currency, authorizedMinor, receivedMinor } = order
  const refuse = (detail: string): never => {
    throw new Problem('wrong-state', detail, { orderStatus: status })
  }
  if (paymentProvider !== 'manual')
    refuse(`The order is paid by ${paymentProvider}, which reports its payments.`)
  if (authorizedMinor === 0 || status === 'cancelled')
    refuse(`The order is ${status}; no money is owed for it.`)
  const leftMinor = order.totalMinor - receivedMinor
  if (leftMinor === 0) refuse('All the money of the order was received.')

  const amount = command.amount ?? money(leftMinor, currency)
  if (amount.currency !== currency) {
    throw new Problem('currency-mismatch', `The order is in ${currency}.`, {
      errors: [{ path: 'amount.currency', message: `must be ${currency}` }],
    })
  }
  if (amount.amount < 1 || amount.amount > leftMinor) {
    throw new Problem(
      'unprocessable',
      `No more than ${inWords(money(leftMinor, currency))} is left to be received.`,
      {
        errors: [{ path: 'amount.amount', message: `must be 1 to ${leftMinor}` }],
      },
    )
  }
  await insertReceipt(trx, {
    id: newId(),
    orderId,
    amount,
    reference,
    receivedAt,
    recordedBy,
    recordedAt: now,
  })
  await addReceived(trx, orderId, amount.amount)
  const { correlationId } = causedByRequest()
  const data = { amount, receivedAt: receivedAt.toISOString(), ...(reference !== null && { reference }) }
  const summary = `The money was received: ${inWords(amount)}.`
  await recordSteps(
    trx,
    [{ orderId, type: 'payment-received', by: 'staff', summary, data, correlationId }],
    now,
  )
  notifier.notifyOrders(trx, [orderId])
}

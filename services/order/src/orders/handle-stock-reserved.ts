import { StockReserved } from '@storewright/contracts'
import { causedBy } from '../correlation.ts'
import { recordSteps, systemStep } from '../timeline/timeline.ts'
import { onStockReserved } from './order.ts'
import { markReserved } from './transition-queries.ts'
import { lockOrdersOf, type HandleEvents, type StepContext } from './transition.ts'

/** Stock is held: the orders now wait for their payment, each until its own deadline. */
export const handleStockReserved: HandleEvents<StockReserved, StepContext & { holdTtlMs: number }> = async (
  trx,
  events,
  context,
) => {
  const { now, holdTtlMs } = context
  const orderOf = await lockOrdersOf(trx, events)
  const reserved = new Map(
    events
      .filter(({ data }) => onStockReserved(orderOf(data.orderId).status) === 'reserve')
      .map((event) => [event.data.orderId, event]),
  )
  if (reserved.size === 0) return

  const expiresAt = new Date(now.getTime() + holdTtlMs)
  await markReserved(trx, [...reserved.keys()], now, expiresAt)
  await context.payments.authorize(
    trx,
    [...reserved.values()].map((event) => {
      const { id, paymentProvider, paymentToken, totalMinor, currency } = orderOf(event.data.orderId)
      return {
        orderId: id,
        provider: paymentProvider,
        token: paymentToken,
        amountMinor: totalMinor,
        currency,
        cause: causedBy(event),
      }
    }),
    context,
  )
  await recordSteps(
    trx,
    [...reserved.values()].map((event) =>
      systemStep(
        event.data.orderId,
        StockReserved,
        {
          summary: 'The stock is held for this order; the payment is being authorized.',
          data: { expiresAt: expiresAt.toISOString() },
        },
        event,
      ),
    ),
    now,
  )
}

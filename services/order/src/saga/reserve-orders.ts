import { StockReserved, type Envelope } from '@storewright/contracts'
import { causedBy } from '../cause.ts'
import type { Trx } from '../database.ts'
import { onStockReserved } from '../orders/order.ts'
import { startAuthorizations } from '../payments/start-payments.ts'
import type { Signals } from '../signals.ts'
import { recordSteps } from '../timeline/record-steps.ts'
import { lockOrders } from './lock-orders.ts'
import { markReserved } from './queries.ts'

/** Stock is held: the orders wait for their money now, each until its own deadline. */
export const reserveOrders = async (
  trx: Trx,
  events: readonly Envelope<StockReserved>[],
  { holdTtlMs, signals, now }: { holdTtlMs: number; signals: Signals; now: Date },
) => {
  const orderOf = await lockOrders(
    trx,
    events.map(({ data }) => data.orderId),
  )
  const reserved = new Map(
    events
      .filter(({ data }) => onStockReserved(orderOf(data.orderId).status) === 'reserve')
      .map((event) => [event.data.orderId, event]),
  )
  if (reserved.size === 0) return

  await markReserved(trx, [...reserved.keys()], now, new Date(now.getTime() + holdTtlMs))
  await startAuthorizations(
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
    { signals, now },
  )
  await recordSteps(
    trx,
    [...reserved.values()].map(({ data, correlationId }) => ({
      orderId: data.orderId,
      type: StockReserved.type,
      by: 'system' as const,
      summary: 'The stock is held for this order; the payment is being authorized.',
      correlationId,
    })),
    now,
  )
}

import { OrderConfirmed } from '@storewright/contracts'
import { emitFor, type Cause } from '../cause.ts'
import type { Trx } from '../database.ts'
import { money } from '../money.ts'
import { demandOf } from '../orders/order.ts'
import type { Signals } from '../signals.ts'
import { recordSteps } from '../timeline/record-steps.ts'
import type { LockedOrder } from './lock-orders.ts'
import { listOrderLines, markConfirmed } from './queries.ts'

/** The money is held as well: these locked orders will be fulfilled. */
export const confirmOrders = async (
  trx: Trx,
  confirmations: readonly { order: LockedOrder; cause: Cause }[],
  { signals, now }: { signals: Signals; now: Date },
) => {
  if (confirmations.length === 0) return
  const ids = confirmations.map(({ order }) => order.id)
  await markConfirmed(trx, ids, now)
  const lines = Map.groupBy(await listOrderLines(trx, ids), ({ orderId }) => orderId)
  await recordSteps(
    trx,
    confirmations.map(({ order, cause }) => ({
      orderId: order.id,
      type: OrderConfirmed.type,
      by: 'system' as const,
      summary: 'The order is confirmed.',
      correlationId: cause.correlationId,
    })),
    now,
  )
  for (const { order, cause } of confirmations) {
    await emitFor(trx, cause, OrderConfirmed, {
      orderId: order.id,
      lines: demandOf(lines.get(order.id) ?? []),
      total: money(order.totalMinor, order.currency),
      confirmedAt: now.toISOString(),
    })
  }
  signals.ordersSettled(trx, ids)
}

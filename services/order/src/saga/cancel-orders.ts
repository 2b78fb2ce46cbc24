import { OrderCancelled } from '@storewright/contracts'
import { emitFor, type Cause } from '../cause.ts'
import type { Trx } from '../database.ts'
import { demandOf, orderNumber } from '../orders/order.ts'
import { voidAuthorizations } from '../payments/start-payments.ts'
import type { Signals } from '../signals.ts'
import { recordSteps } from '../timeline/record-steps.ts'
import type { Actor } from '../timeline/timeline.ts'
import type { LockedOrder } from './lock-orders.ts'
import { listOrderLines, markCancelled } from './queries.ts'

export interface Cancellation {
  order: LockedOrder
  reason: string
  by: Actor
  summary: string
  cause: Cause
}

/**
 * Ends orders that are locked and may be cancelled: what was not shipped is released, money that was not taken
 * goes back. An authorization still under way is voided when its outcome is known.
 */
export const cancelOrders = async (
  trx: Trx,
  cancellations: readonly Cancellation[],
  { signals, now }: { signals: Signals; now: Date },
) => {
  if (cancellations.length === 0) return
  const ids = cancellations.map(({ order }) => order.id)
  await markCancelled(
    trx,
    cancellations.map(({ order, reason }) => ({ id: order.id, reason })),
    now,
  )
  const lines = Map.groupBy(await listOrderLines(trx, ids), ({ orderId }) => orderId)

  await recordSteps(
    trx,
    cancellations.map(({ order, by, summary, cause }) => ({
      orderId: order.id,
      type: OrderCancelled.type,
      by,
      summary,
      correlationId: cause.correlationId,
    })),
    now,
  )
  for (const { order, reason, by, cause } of cancellations) {
    const left = (lines.get(order.id) ?? []).map(({ sku, quantity, shippedQuantity }) => ({
      sku,
      quantity: quantity - shippedQuantity,
    }))
    await emitFor(trx, cause, OrderCancelled, {
      orderId: order.id,
      number: orderNumber(order.seq),
      userId: order.userId,
      reason,
      by,
      lines: demandOf(left),
    })
  }
  await voidAuthorizations(
    trx,
    cancellations
      .filter(({ order }) => order.authorizedMinor > order.capturedMinor)
      .map(({ order, cause }) => ({
        orderId: order.id,
        cause,
        keepMinor: order.capturedMinor,
      })),
    { signals, now },
  )
  signals.ordersSettled(trx, ids)
}

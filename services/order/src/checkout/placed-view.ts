import type { OrderShape } from '../orders/order-schemas.ts'
import { orderView } from '../orders/order-view.ts'
import type { PricedLine } from '../orders/totals.ts'
import type { NewOrder } from './queries.ts'

/** A new order as the API shows it, without reading back what has just been written. */
export const placedView = (
  order: NewOrder,
  seq: bigint,
  lines: readonly (PricedLine & { id: string })[],
): OrderShape =>
  orderView(
    {
      ...order,
      ...order.totals,
      seq: Number(seq),
      status: 'pending',
      reason: null,
      shortages: null,
      paymentStatus: 'pending',
      paymentReason: null,
      paymentProvider: order.payment.provider,
      version: 1,
    },
    lines.map((line) => ({ ...line, orderId: order.id, shippedQuantity: 0 })),
    [],
  )

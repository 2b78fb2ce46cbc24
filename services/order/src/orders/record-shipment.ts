import { OrderShipped } from '@storewright/contracts'
import { emitWithCause, type Cause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { recordSteps } from '../timeline/timeline.ts'
import { markOrderShipped } from './transition-queries.ts'
import type { StepContext } from './transition.ts'

export interface FinishedShipment {
  orderId: string
  shipmentId: string
  lines: { sku: string; quantity: number }[]
  carrier: string
  trackingNumber: string
  /** Whether it is the last of the order. */
  complete: boolean
  /** What was captured for it. */
  amountMinor: number
  cause: Cause
}

/** A shipment of a locked order left: the order is shipped, or partly. */
export const recordShipment = async (
  trx: Trx,
  { cause, amountMinor, ...shipment }: FinishedShipment,
  { notifier, now }: StepContext,
) => {
  const { orderId, shipmentId, lines, carrier, trackingNumber, complete } = shipment
  await markOrderShipped(trx, orderId, { complete, amountMinor })

  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0)
  await recordSteps(
    trx,
    [
      {
        orderId,
        type: OrderShipped.type,
        by: 'staff',
        summary: `${pieces} ${pieces === 1 ? 'piece' : 'pieces'} shipped with ${carrier}, ${trackingNumber}.`,
        data: { shipmentId, carrier, trackingNumber, pieces, complete },
        correlationId: cause.correlationId,
      },
    ],
    now,
  )
  await emitWithCause(trx, cause, OrderShipped, shipment)
  notifier.notifyOrders(trx, [orderId])
}

import type { Cause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { demandOf } from '../orders/order.ts'
import { recordShipment } from '../orders/record-shipment.ts'
import type { StepContext } from '../orders/transition.ts'
import { recordSteps } from '../timeline/timeline.ts'
import {
  claimQuantities,
  findShipment,
  hasGoodsLeft,
  listShipmentLines,
  markFailed,
  markShipped,
} from './queries.ts'

interface Capture {
  shipmentId: string
  orderId: string
  amountMinor: number
  cause: Cause
}

/** The goods of a locked order are shipped, and what they cost is captured. */
export const finishShipment = async (
  trx: Trx,
  { shipmentId, orderId, amountMinor, cause }: Capture,
  context: StepContext,
) => {
  const shipment = await findShipment(trx, shipmentId)
  if (!shipment) throw new Error(`there is no shipment ${shipmentId}`)
  const lines = demandOf(await listShipmentLines(trx, shipmentId))
  await markShipped(trx, shipmentId, context.now)
  const complete = !(await hasGoodsLeft(trx, orderId))
  const { carrier, trackingNumber } = shipment
  await recordShipment(
    trx,
    { orderId, shipmentId, lines, carrier, trackingNumber, complete, amountMinor, cause },
    context,
  )
}

/** A shipment's capture was refused: its goods are not shipped, and may go with another shipment. */
const failShipment = async (
  trx: Trx,
  { shipmentId, orderId, cause }: Capture,
  reason: string,
  { notifier, now }: StepContext,
) => {
  await claimQuantities(trx, orderId, await listShipmentLines(trx, shipmentId), -1)
  await markFailed(trx, shipmentId, reason)
  await recordSteps(
    trx,
    [
      {
        orderId,
        type: 'shipment-failed',
        by: 'system',
        summary: `A shipment was not sent, because its payment was refused: ${reason}.`,
        data: { shipmentId, reason },
        correlationId: cause.correlationId,
      },
    ],
    now,
  )
  notifier.notifyOrders(trx, [orderId])
}

/** Ends a shipment whose capture succeeded, or was refused. */
export const settleCapture = (
  trx: Trx,
  { refusal, ...capture }: Capture & { refusal: string | null },
  context: StepContext,
) => (refusal === null ? finishShipment(trx, capture, context) : failShipment(trx, capture, refusal, context))

import { OrderShipped } from '@storewright/contracts'
import { emitFor, type Cause } from '../cause.ts'
import type { Trx } from '../database.ts'
import { demandOf } from '../orders/order.ts'
import type { Signals } from '../signals.ts'
import { recordSteps } from '../timeline/record-steps.ts'
import {
  claimQuantities,
  findShipment,
  hasGoodsLeft,
  listShipmentLines,
  markFailed,
  markOrderShipped,
  markShipped,
} from './queries.ts'

interface Finished {
  shipmentId: string
  orderId: string
  amountMinor: number
  cause: Cause
}

/** The goods leave the house, paid for; of an order that is locked. */
export const finishShipment = async (
  trx: Trx,
  { shipmentId, orderId, amountMinor, cause }: Finished,
  { signals, now }: { signals: Signals; now: Date },
) => {
  const shipment = await findShipment(trx, shipmentId)
  if (!shipment) throw new Error(`there is no shipment ${shipmentId}`)
  const lines = demandOf(await listShipmentLines(trx, shipmentId))
  await markShipped(trx, shipmentId, now)
  const complete = !(await hasGoodsLeft(trx, orderId))
  await markOrderShipped(trx, orderId, { complete, amountMinor })

  const { carrier, trackingNumber } = shipment
  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0)
  await recordSteps(
    trx,
    [
      {
        orderId,
        type: OrderShipped.type,
        by: 'staff',
        summary: `${pieces} ${pieces === 1 ? 'piece' : 'pieces'} shipped with ${carrier}, ${trackingNumber}.`,
        correlationId: cause.correlationId,
      },
    ],
    now,
  )
  await emitFor(trx, cause, OrderShipped, {
    orderId,
    shipmentId,
    lines,
    carrier,
    trackingNumber,
    complete,
  })
  signals.ordersSettled(trx, [orderId])
}

/** A shipment's money was refused: the goods stay, and may go with another shipment. */
export const failShipment = async (
  trx: Trx,
  {
    shipmentId,
    orderId,
    reason,
    cause,
  }: Pick<Finished, 'shipmentId' | 'orderId' | 'cause'> & { reason: string },
  { signals, now }: { signals: Signals; now: Date },
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
        summary: `A shipment stays in the house, because its money was refused: ${reason}.`,
        correlationId: cause.correlationId,
      },
    ],
    now,
  )
  signals.ordersSettled(trx, [orderId])
}

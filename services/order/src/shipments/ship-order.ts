import { newId } from '@storewright/database'
import { causedByRequest } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { demandOf, isShippable } from '../orders/order.ts'
import { lockAndIndexOrders, type StepContext } from '../orders/transition.ts'
import type { Providers } from '../payments/provider.ts'
import { captureUnderWay, Problem } from '../problems.ts'
import { finishShipment } from './finish-shipment.ts'
import {
  claimQuantities,
  insertShipment,
  insertShipmentLines,
  listShipmentAmounts,
  listShippableLines,
} from './queries.ts'
import { amountOf, claimLines, claimRest, findOvershipped } from './shipment.ts'

export interface ShipOrder {
  orderId: string
  /** Without lines: everything that is left. */
  lines: readonly { sku: string; quantity: number }[] | undefined
  carrier: string
  trackingNumber: string
}

/** Claims goods of a locked order for a shipment and starts the capture of its part of the total. */
export const shipOrder = async (
  trx: Trx,
  { orderId, lines: requested, carrier, trackingNumber }: ShipOrder,
  context: StepContext & { providers: Providers },
): Promise<string> => {
  const order = (await lockAndIndexOrders(trx, [orderId]))(orderId)
  if (!isShippable(order.status)) {
    throw new Problem('wrong-state', `The order is ${order.status}; nothing of it can be shipped.`, {
      orderStatus: order.status,
    })
  }
  const lines = await listShippableLines(trx, orderId)
  const wanted = requested && demandOf(requested)
  const over = wanted ? findOvershipped(lines, wanted) : []
  if (over.length > 0) {
    throw new Problem('wrong-state', 'A shipment cannot hold more than is left of the order.', {
      orderStatus: order.status,
      errors: over.map(({ sku, left }) => ({ path: 'lines', message: `${left} of ${sku} are left to ship` })),
    })
  }
  const claims = wanted ? claimLines(lines, wanted) : claimRest(lines)
  if (claims.length === 0) throw new Problem('wrong-state', 'Everything of the order is on its way already.')

  const amounts = await listShipmentAmounts(trx, orderId)
  const takenMinor = amounts.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  const inParts = context.providers.get(order.paymentProvider)?.capturesInParts ?? true
  if (!inParts && amounts.some(({ status }) => status === 'capturing')) throw captureUnderWay(order)
  const amountMinor = inParts
    ? amountOf(lines, claims, {
        shippingMinor: order.totalMinor - lines.reduce((sum, { totalMinor }) => sum + totalMinor, 0),
        takenMinor,
      })
    : order.totalMinor - takenMinor

  const shipmentId = newId()
  await insertShipment(trx, { id: shipmentId, orderId, carrier, trackingNumber, amountMinor }, context.now)
  await insertShipmentLines(trx, shipmentId, claims)
  await claimQuantities(trx, orderId, claims, 1)
  const cause = causedByRequest()
  if (amountMinor > 0) {
    await context.payments.capture(trx, { orderId, shipmentId, amountMinor, cause }, context)
  } else {
    await finishShipment(trx, { shipmentId, orderId, amountMinor, cause }, context)
  }
  return shipmentId
}

import { OrderRejected, type StockRejected } from '@storewright/contracts'
import { insertRetryCarts } from '../carts/order-carts.ts'
import { causedBy, emitWithCause } from '../correlation.ts'
import { recordSteps, systemStep } from '../timeline/timeline.ts'
import { giveBackRedemptions } from '../promotions/redemptions.ts'
import { cancelOrders } from './cancel-orders.ts'
import { onStockRejected } from './order.ts'
import { findShipmentUnderWay, markRejected } from './transition-queries.ts'
import { lockOrdersOf, type HandleEvents } from './transition.ts'

const REASON = 'insufficient-stock'

const MAX_SHOWN = 20

/** What was short, as the timeline shows it: the order itself has all of it. */
const describeShortages = (shortages: StockRejected['shortages']) => {
  const skus = shortages.map(({ sku, wanted, available }) => `${sku} (${available} of ${wanted})`)
  const more = skus.length > 5 ? `, and ${skus.length - 5} more` : ''
  return {
    summary: `Not enough stock: ${skus.slice(0, 5).join(', ')}${more}.`.slice(0, 500),
    data: { reason: REASON, shortages: shortages.slice(0, MAX_SHOWN), shortageCount: shortages.length },
  }
}

/** Stock was short: a new order is rejected; one whose hold turns out to be gone is cancelled and its payment voided. */
export const handleStockRejected: HandleEvents<StockRejected> = async (trx, events, context) => {
  const orderOf = await lockOrdersOf(trx, events)
  const perOrder = new Map(events.map((event) => [event.data.orderId, event]))
  const decided = (what: 'reject' | 'cancel') =>
    [...perOrder.values()].filter(({ data }) => onStockRejected(orderOf(data.orderId).status) === what)

  const rejected = decided('reject')
  const cancelled = decided('cancel')
  if (rejected.length > 0) {
    const orders = rejected.map(({ data }) => ({ ...orderOf(data.orderId), shortages: data.shortages }))
    const retryCarts = await insertRetryCarts(
      trx,
      orders.map(({ id, cartId, shortages }) => ({ orderId: id, cartId, shortages })),
      context,
    )
    await giveBackRedemptions(
      trx,
      orders.flatMap(({ id, discounts }) => (discounts === null ? [] : id)),
    )
    await markRejected(
      trx,
      orders.map(({ id, shortages }) => ({
        id,
        shortages: JSON.stringify(shortages),
        retryCartId: retryCarts.get(id) ?? null,
      })),
      REASON,
    )
    await recordSteps(
      trx,
      rejected.map((event) =>
        systemStep(event.data.orderId, OrderRejected, describeShortages(event.data.shortages), event),
      ),
      context.now,
    )
    for (const event of rejected) {
      const { orderId, shortages } = event.data
      await emitWithCause(trx, causedBy(event), OrderRejected, { orderId, reason: REASON, shortages })
    }
    context.notifier.notifyChanges(
      trx,
      orders.map(({ id, shortages, version }) => ({
        orderId: id,
        change: (before) => ({
          ...before,
          status: 'rejected',
          reason: REASON,
          shortages,
          retryCartId: retryCarts.get(id) ?? null,
          expiresAt: null,
          version: version + 1,
        }),
      })),
    )
  }
  if (cancelled.length === 0) return
  const underWay = await findShipmentUnderWay(
    trx,
    cancelled.map(({ data }) => data.orderId),
  )
  // Its payment is being captured: the retry of this event finds it settled.
  if (underWay) throw new Error(`shipment ${underWay.id} is under way`)
  await cancelOrders(
    trx,
    cancelled.map((event) => ({
      order: orderOf(event.data.orderId),
      reason: REASON,
      shortages: event.data.shortages,
      by: 'system',
      ...describeShortages(event.data.shortages),
      cause: causedBy(event),
    })),
    context,
  )
}

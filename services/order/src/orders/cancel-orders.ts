import { OrderCancelled } from '@storewright/contracts'
import { insertRetryCarts } from '../carts/order-carts.ts'
import { causedByRequest, emitWithCause, type Cause } from '../correlation.ts'
import type { Actor, Trx } from '../database.ts'
import { captureUnderWay, Problem } from '../problems.ts'
import { giveBackRedemptions } from '../promotions/redemptions.ts'
import { recordSteps } from '../timeline/timeline.ts'
import { demandOf, onCancelRequested, orderNumber } from './order.ts'
import { findShipmentUnderWay, listOrderLines, markCancelled, markVoided } from './transition-queries.ts'
import { lockAndIndexOrders, type LockedOrder, type StepContext } from './transition.ts'

export interface Cancellation {
  order: LockedOrder
  reason: string
  /** What there was too little of; a cart is left without it. */
  shortages?: readonly { sku: string; available: number }[]
  by: Actor
  summary: string
  /** What else the timeline shows, beside the reason. */
  data?: Record<string, unknown>
  cause: Cause
}

/** Cancels locked orders: releases what was not shipped, voids what was not captured, withdraws what was not completed. */
export const cancelOrders = async (
  trx: Trx,
  cancellations: readonly Cancellation[],
  context: StepContext,
) => {
  if (cancellations.length === 0) return
  const ids = cancellations.map(({ order }) => order.id)
  // What was shipped in part stays an order, with its discounts.
  const failed = cancellations.filter(({ order }) => order.status !== 'partly_shipped')
  const retryCarts = await insertRetryCarts(
    trx,
    failed.flatMap(({ order, by, shortages = [] }) =>
      by === 'system' ? { orderId: order.id, cartId: order.cartId, shortages } : [],
    ),
    context,
  )
  await giveBackRedemptions(
    trx,
    failed.flatMap(({ order }) => (order.discounts === null ? [] : order.id)),
  )
  await markCancelled(
    trx,
    cancellations.map(({ order, reason }) => ({
      id: order.id,
      reason,
      retryCartId: retryCarts.get(order.id) ?? null,
    })),
    context.now,
  )
  const lines = Map.groupBy(await listOrderLines(trx, ids), ({ orderId }) => orderId)

  await recordSteps(
    trx,
    cancellations.map(({ order, reason, by, summary, data, cause }) => ({
      orderId: order.id,
      type: OrderCancelled.type,
      by,
      summary,
      data: { reason, ...data },
      correlationId: cause.correlationId,
    })),
    context.now,
  )
  for (const { order, reason, by, cause } of cancellations) {
    const left = (lines.get(order.id) ?? []).map(({ sku, quantity, shippedQuantity }) => ({
      sku,
      quantity: quantity - shippedQuantity,
    }))
    await emitWithCause(trx, cause, OrderCancelled, {
      orderId: order.id,
      number: orderNumber(order.seq),
      userId: order.userId,
      reason,
      by,
      lines: demandOf(left),
    })
  }
  await context.payments.void(
    trx,
    cancellations
      .filter(({ order }) => order.authorizedMinor > order.capturedMinor)
      .map(({ order, cause }) => ({ orderId: order.id, cause, keepMinor: order.capturedMinor })),
    context,
  )
  await context.payments.withdraw(
    trx,
    cancellations
      .filter(({ order }) => order.paymentStatus === 'requires_action')
      .map(({ order, cause }) => ({ orderId: order.id, cause })),
    context,
  )
  context.notifier.notifyOrders(trx, ids)
}

/** Cancels what has not been shipped, on request. Repeating the request changes nothing. */
export const requestCancellation = async (
  trx: Trx,
  { orderId, reason, by }: { orderId: string; reason: string | null; by: Actor },
  context: StepContext,
) => {
  const order = (await lockAndIndexOrders(trx, [orderId]))(orderId)
  const decision = onCancelRequested({ status: order.status, cancelled: order.cancelledAt !== null })
  if (decision === 'already') return
  if (decision === 'too-late') {
    throw new Problem('wrong-state', `The order is ${order.status} and cannot be cancelled any more.`, {
      orderStatus: order.status,
    })
  }
  if (await findShipmentUnderWay(trx, [orderId])) throw captureUnderWay(order)
  const summary =
    decision === 'cancel-rest' ? 'What was not shipped yet was cancelled.' : 'The order was cancelled.'
  const cause = causedByRequest()
  await cancelOrders(trx, [{ order, reason: reason ?? 'cancelled-on-request', by, summary, cause }], context)
}

/** The held money of these orders was voided; what was captured before stays captured. */
export const handlePaymentsVoided = async (trx: Trx, orderIds: readonly string[]) => {
  if (orderIds.length > 0) await markVoided(trx, orderIds)
}

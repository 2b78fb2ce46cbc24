import { OrderConfirmed } from '@storewright/contracts'
import { emitWithCause, type Cause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { money } from '../pricing/totals.ts'
import { recordSteps, systemStep } from '../timeline/timeline.ts'
import { demandOf, onAuthorized } from './order.ts'
import { markConfirmed, markAuthorizedLate } from './transition-queries.ts'
import type { LockedOrder, StepContext } from './transition.ts'

interface Authorized {
  order: LockedOrder
  cause: Cause
}

const linesOf = ({ id, lines }: LockedOrder) => {
  if (!lines) throw new Error(`the lines of order ${id} were not read with it`)
  return lines
}

const confirmOrders = async (
  trx: Trx,
  confirmations: readonly Authorized[],
  { notifier, now }: StepContext,
) => {
  if (confirmations.length === 0) return
  const ids = confirmations.map(({ order }) => order.id)
  await markConfirmed(trx, ids, now)
  await recordSteps(
    trx,
    confirmations.map(({ order, cause }) =>
      systemStep(
        order.id,
        OrderConfirmed,
        { summary: 'The order is confirmed.', data: { total: money(order.totalMinor, order.currency) } },
        cause,
      ),
    ),
    now,
  )
  for (const { order, cause } of confirmations) {
    await emitWithCause(trx, cause, OrderConfirmed, {
      orderId: order.id,
      lines: demandOf(linesOf(order)),
      total: money(order.totalMinor, order.currency),
      confirmedAt: now.toISOString(),
    })
  }
  notifier.notifyChanges(
    trx,
    confirmations.map(({ order }) => ({
      orderId: order.id,
      change: (before) => ({
        ...before,
        status: 'confirmed',
        payment: {
          ...before.payment,
          status: 'authorized',
          provider: order.paymentProvider,
          reason: null,
          authorized: money(order.totalMinor, order.currency),
          nextAction: null,
        },
        expiresAt: null,
        version: order.version + 1,
      }),
    })),
  )
}

/** Confirms the orders that wait for these authorizations, and voids those of orders that have ended. */
export const handlePaymentsAuthorized = async (
  trx: Trx,
  authorized: readonly Authorized[],
  context: StepContext,
) => {
  const decided = (what: 'confirm' | 'void') =>
    authorized.filter(({ order }) => onAuthorized(order.status) === what)
  await confirmOrders(trx, decided('confirm'), context)

  const late = decided('void')
  if (late.length === 0) return
  await markAuthorizedLate(
    trx,
    late.map(({ order }) => order.id),
  )
  await context.payments.void(
    trx,
    late.map(({ order, cause }) => ({ orderId: order.id, keepMinor: 0, cause })),
    context,
  )
}

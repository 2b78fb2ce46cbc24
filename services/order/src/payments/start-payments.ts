import { newId } from '@storewright/database'
import type { Trx } from '../database.ts'
import type { PaymentStarter, StepContext } from '../orders/transition.ts'
import type { AttemptQueue } from './attempt-queue.ts'
import {
  asClaimed,
  countAuthorizations,
  insertAttempts,
  listLiveAuthorizations,
  listWaiting,
  markReplaced,
  type NewAttempt,
} from './queries.ts'

/** How long after the last try an authorization without an answer is withdrawn: by then providers can be asked for it. */
const WITHDRAW_AFTER_MS = 120_000

/** What starts payments for orders: only a row each, and workers call the provider once it is committed. */
export const createPaymentStarter = (queue: AttemptQueue): PaymentStarter => {
  const start = async (trx: Trx, attempts: readonly NewAttempt[], { now }: StepContext, delayMs = 0) => {
    const leaseOf = ({ provider }: NewAttempt) => (delayMs > 0 ? 0 : queue.leaseMs(provider))
    for (const [leaseMs, some] of Map.groupBy(attempts, leaseOf)) {
      const leased = leaseMs > 0
      const dueAt = new Date(now.getTime() + (leased ? leaseMs : delayMs))
      await insertAttempts(trx, some, { now, dueAt, leased })
      if (leased) queue.handOver(trx, some.map(asClaimed))
    }
  }

  return {
    authorize: (trx, authorizations, context) =>
      start(
        trx,
        authorizations.map((authorization) => ({ ...authorization, id: newId(), kind: 'authorize' })),
        context,
      ),

    capture: async (trx, capture, context) => {
      const [authorization] = await listLiveAuthorizations(trx, [capture.orderId])
      if (!authorization) throw new Error(`order ${capture.orderId} ships without an authorization`)
      const attempt: NewAttempt = {
        ...capture,
        id: newId(),
        kind: 'capture',
        provider: authorization.provider,
        currency: authorization.currency,
        authorizationId: authorization.id,
        authorizationReference: authorization.reference ?? '',
      }
      await start(trx, [attempt], context)
    },

    void: async (trx, orders, context) => {
      if (orders.length === 0) return
      const byOrder = new Map(orders.map((order) => [order.orderId, order]))
      const live = (await listLiveAuthorizations(trx, [...byOrder.keys()])).flatMap((authorization) => {
        const order = byOrder.get(authorization.orderId)
        return order ? [{ ...authorization, ...order }] : []
      })
      const voids = live.map(
        ({ id, orderId, provider, reference, amountMinor, currency, cause, keepMinor }): NewAttempt => ({
          id: newId(),
          kind: 'void',
          orderId,
          provider,
          currency,
          amountMinor: amountMinor - keepMinor,
          authorizationId: id,
          authorizationReference: reference ?? '',
          cause,
        }),
      )
      await start(trx, voids, context)
    },

    withdraw: async (trx, orders, context) => {
      if (orders.length === 0) return
      const causeOf = new Map(orders.map(({ orderId, cause }) => [orderId, cause]))
      const waiting = await listWaiting(trx, [...causeOf.keys()])
      if (waiting.length === 0) return
      await markReplaced(
        trx,
        waiting.map(({ id }) => id),
        context.now,
      )
      const cancels = waiting.flatMap(({ id, reference, ...attempt }): NewAttempt[] => {
        const cause = causeOf.get(attempt.orderId)
        const authorization = { authorizationId: id, authorizationReference: reference ?? '' }
        return cause ? [{ ...attempt, ...authorization, id: newId(), kind: 'cancel', cause }] : []
      })
      await start(trx, cancels, context)
    },

    countTries: countAuthorizations,

    giveUp: (trx, attempts, context) =>
      start(
        trx,
        attempts.map((attempt) => ({ ...attempt, id: newId(), kind: 'cancel' })),
        context,
        WITHDRAW_AFTER_MS,
      ),
  }
}

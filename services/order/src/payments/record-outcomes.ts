import { PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentVoided } from '@storewright/contracts'
import { emitFor, type Cause } from '../cause.ts'
import type { Trx } from '../database.ts'
import { money } from '../money.ts'
import { onAuthorized } from '../orders/order.ts'
import { awaitPayment } from '../saga/await-payment.ts'
import { confirmOrders } from '../saga/confirm-orders.ts'
import { lockOrders } from '../saga/lock-orders.ts'
import { failShipment, finishShipment } from '../shipments/finish-shipment.ts'
import type { Signals } from '../signals.ts'
import { recordSteps } from '../timeline/record-steps.ts'
import type { Step } from '../timeline/timeline.ts'
import type { Outcome } from './provider.ts'
import { markAuthorizationsVoided, markHeld, markVoided, resolveAttempts, type Attempt } from './queries.ts'
import { voidAuthorizations } from './start-payments.ts'

export interface Resolved {
  attempt: Attempt
  outcome: Outcome
}

const events = { authorize: PaymentAuthorized, capture: PaymentCaptured, void: PaymentVoided }

const amountOf = ({ amountMinor, currency }: Attempt) => `${amountMinor} ${currency} in minor units`

const stepOf = ({ attempt, outcome }: Resolved): Step => {
  const done = { authorize: 'authorized', capture: 'captured', void: 'given back' }[attempt.kind]
  return {
    orderId: attempt.orderId,
    type: outcome.result === 'succeeded' ? events[attempt.kind].type : PaymentFailed.type,
    by: 'system',
    summary:
      outcome.result === 'succeeded'
        ? `The payment was ${done}: ${amountOf(attempt)}.`
        : `The payment could not be ${done}: ${outcome.reason}.`,
    correlationId: attempt.correlationId,
  }
}

const causeOf = ({ correlationId, causationId, traceparent }: Attempt): Cause => ({
  correlationId,
  causationId: causationId ?? undefined,
  traceparent: traceparent ?? undefined,
})

const say = (trx: Trx, { attempt, outcome }: Resolved) => {
  const fact = {
    orderId: attempt.orderId,
    attemptId: attempt.id,
    provider: attempt.provider,
    amount: money(attempt.amountMinor, attempt.currency),
  }
  const cause = causeOf(attempt)
  return outcome.result === 'succeeded'
    ? emitFor(trx, cause, events[attempt.kind], fact)
    : emitFor(trx, cause, PaymentFailed, { ...fact, reason: outcome.reason })
}

/** A batch in which another worker was faster with some: it has to be recorded one by one. */
class MixedBatch extends Error {
  override readonly name = 'MixedBatch'
}

/**
 * Records what the provider said of a batch of attempts, and moves their orders on. What another worker has
 * recorded since, after a lease ran out, is left alone: it heard the same answer under the same key. A batch that
 * is partly of that kind throws; one answer never does.
 */
export const recordOutcomes = async (
  trx: Trx,
  answers: readonly Resolved[],
  { signals, now }: { signals: Signals; now: Date },
) => {
  // Orders before attempts, as everywhere: the order's row is what competing steps wait at.
  const orderOf = await lockOrders(
    trx,
    answers.map(({ attempt }) => attempt.orderId),
  )
  const resolved = await resolveAttempts(
    trx,
    answers.map(({ attempt, outcome }) => ({
      id: attempt.id,
      state: outcome.result,
      reference: outcome.result === 'succeeded' ? outcome.reference : null,
      reason: outcome.result === 'declined' ? outcome.reason.slice(0, 100) : null,
    })),
    now,
  )
  if (resolved === 0) return
  if (resolved < answers.length)
    throw new MixedBatch('some of these attempts were resolved by another worker')
  await recordSteps(trx, answers.map(stepOf), now)
  for (const answer of answers) await say(trx, answer)

  const of = (kind: Attempt['kind'], result: Outcome['result']) =>
    answers.filter(({ attempt, outcome }) => attempt.kind === kind && outcome.result === result)

  const authorized = of('authorize', 'succeeded').map(({ attempt }) => ({
    order: orderOf(attempt.orderId),
    cause: causeOf(attempt),
  }))
  const late = authorized.filter(({ order }) => onAuthorized(order.status) === 'void')
  await confirmOrders(
    trx,
    authorized.filter(({ order }) => onAuthorized(order.status) === 'confirm'),
    { signals, now },
  )
  if (late.length > 0) {
    await markHeld(
      trx,
      late.map(({ order }) => order.id),
    )
    const unwanted = late.map(({ order, cause }) => ({ orderId: order.id, keepMinor: 0, cause }))
    await voidAuthorizations(trx, unwanted, { signals, now })
  }
  await awaitPayment(
    trx,
    of('authorize', 'declined').map(({ attempt, outcome }) => ({
      orderId: attempt.orderId,
      reason: outcome.result === 'declined' ? outcome.reason.slice(0, 100) : '',
    })),
    signals,
  )

  // Shipments are few at a time, so they go one by one.
  for (const { attempt, outcome } of answers) {
    const { shipmentId, orderId, amountMinor } = attempt
    if (shipmentId === null) continue
    const shipment = { shipmentId, orderId, cause: causeOf(attempt) }
    if (outcome.result === 'succeeded')
      await finishShipment(trx, { ...shipment, amountMinor }, { signals, now })
    else await failShipment(trx, { ...shipment, reason: outcome.reason.slice(0, 100) }, { signals, now })
  }

  const voided = of('void', 'succeeded').map(({ attempt }) => attempt)
  if (voided.length > 0) {
    await markVoided(
      trx,
      voided.map(({ orderId }) => orderId),
    )
    // Of a partly captured one only the rest was given back: it stands, for what was captured.
    const whole = voided
      .filter(({ orderId }) => orderOf(orderId).capturedMinor === 0)
      .flatMap(({ authorizationId }) => authorizationId ?? [])
    if (whole.length > 0) await markAuthorizationsVoided(trx, whole)
  }
}

import { PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentVoided } from '@storewright/contracts'
import { emitWithCause, type Cause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { handlePaymentsVoided } from '../orders/cancel-orders.ts'
import { handlePaymentsAuthorized } from '../orders/confirm-orders.ts'
import { markPaymentDeclined } from '../orders/mark-payment-declined.ts'
import { lockAndIndexOrders, type StepContext } from '../orders/transition.ts'
import { money } from '../pricing/totals.ts'
import { inWords, recordSteps, type Step } from '../timeline/timeline.ts'
import type { Outcome } from './provider.ts'
import { markAuthorizationsVoided, resolveAttempts, type Attempt } from './queries.ts'

export interface AttemptResult {
  attempt: Attempt
  outcome: Outcome
}

const events = { authorize: PaymentAuthorized, capture: PaymentCaptured, void: PaymentVoided }

const refusalOf = (outcome: Outcome) => (outcome.result === 'declined' ? outcome.reason.slice(0, 100) : null)

const stepOf = ({ attempt, outcome }: AttemptResult): Step => {
  const { id, orderId, kind, provider } = attempt
  const done = { authorize: 'authorized', capture: 'captured', void: 'voided' }[kind]
  const amount = money(attempt.amountMinor, attempt.currency)
  const reason = refusalOf(outcome)
  return {
    orderId,
    type: reason === null ? events[kind].type : PaymentFailed.type,
    by: 'system',
    summary:
      reason === null
        ? `The payment was ${done}: ${inWords(amount)}.`
        : `The payment could not be ${done}: ${reason}.`,
    data: { attemptId: id, kind, provider, amount, ...(reason !== null && { reason }) },
    correlationId: attempt.correlationId,
  }
}

const causeOf = ({ correlationId, causationId, traceparent }: Attempt): Cause => ({
  correlationId,
  causationId: causationId ?? undefined,
  traceparent: traceparent ?? undefined,
})

const emitOutcome = (trx: Trx, { attempt, outcome }: AttemptResult) => {
  const fact = {
    orderId: attempt.orderId,
    attemptId: attempt.id,
    provider: attempt.provider,
    amount: money(attempt.amountMinor, attempt.currency),
  }
  const cause = causeOf(attempt)
  return outcome.result === 'succeeded'
    ? emitWithCause(trx, cause, events[attempt.kind], fact)
    : emitWithCause(trx, cause, PaymentFailed, { ...fact, reason: outcome.reason })
}

/** Another worker recorded a part of the batch first: the rest has to be recorded one by one. */
class MixedBatch extends Error {
  override readonly name = 'MixedBatch'
}

/** What a shipment does when its capture succeeded, or was refused for a reason; `app.ts` passes it in. */
export type SettleCapture = (
  trx: Trx,
  capture: {
    shipmentId: string
    orderId: string
    amountMinor: number
    cause: Cause
    refusal: string | null
  },
  context: StepContext,
) => Promise<void>

/**
 * Records what the provider answered to a batch of attempts, and reports it to their orders and shipments. What
 * another worker recorded after a lease ran out is left alone. A batch that is partly of that kind throws; a single
 * answer never does.
 */
export const recordOutcomes = async (
  trx: Trx,
  answers: readonly AttemptResult[],
  context: StepContext & { settleCapture: SettleCapture },
) => {
  const { now } = context
  // Orders before attempts, as everywhere: competing steps wait at the order's row.
  const orderOf = await lockAndIndexOrders(
    trx,
    answers.map(({ attempt }) => attempt.orderId),
    { withLines: true },
  )
  const resolved = await resolveAttempts(
    trx,
    answers.map(({ attempt, outcome }) => ({
      id: attempt.id,
      state: outcome.result,
      reference: outcome.result === 'succeeded' ? outcome.reference : null,
      reason: refusalOf(outcome),
    })),
    now,
  )
  if (resolved === 0) return
  if (resolved < answers.length)
    throw new MixedBatch('some of these attempts were resolved by another worker')
  await recordSteps(trx, answers.map(stepOf), now)
  for (const answer of answers) await emitOutcome(trx, answer)

  const of = (kind: Attempt['kind'], result: Outcome['result']) =>
    answers.filter(({ attempt, outcome }) => attempt.kind === kind && outcome.result === result)

  await handlePaymentsAuthorized(
    trx,
    of('authorize', 'succeeded').map(({ attempt }) => ({
      order: orderOf(attempt.orderId),
      cause: causeOf(attempt),
    })),
    context,
  )
  await markPaymentDeclined(
    trx,
    of('authorize', 'declined').map(({ attempt, outcome }) => ({
      id: attempt.orderId,
      reason: refusalOf(outcome) ?? '',
    })),
    context,
  )

  // Shipments are few at a time, so they go one by one.
  for (const { attempt, outcome } of answers) {
    const { shipmentId, orderId, amountMinor } = attempt
    if (shipmentId === null) continue
    const capture = { shipmentId, orderId, amountMinor, cause: causeOf(attempt) }
    await context.settleCapture(trx, { ...capture, refusal: refusalOf(outcome) }, context)
  }

  const voided = of('void', 'succeeded').map(({ attempt }) => attempt)
  await handlePaymentsVoided(
    trx,
    voided.map(({ orderId }) => orderId),
  )
  // Of a partly captured authorization only the rest was voided: it stands, for what was captured.
  const whole = voided
    .filter(({ orderId }) => orderOf(orderId).capturedMinor === 0)
    .flatMap(({ authorizationId }) => authorizationId ?? [])
  if (whole.length > 0) await markAuthorizationsVoided(trx, whole)
}

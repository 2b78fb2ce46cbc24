import { PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentVoided } from '@storewright/contracts'
import { emitWithCause, type Cause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { handlePaymentsVoided } from '../orders/cancel-orders.ts'
import { handlePaymentsAuthorized } from '../orders/confirm-orders.ts'
import { handleActionRequired, markPaymentDeclined } from '../orders/mark-payment-declined.ts'
import { lockAndIndexOrders, type StepContext } from '../orders/transition.ts'
import { money } from '../pricing/totals.ts'
import { inWords, recordSteps, type Step } from '../timeline/timeline.ts'
import type { Outcome } from './provider.ts'
import { markAuthorizationsVoided, resolveAttempts, type Attempt, type Resolution } from './queries.ts'

/** Without the provider's answer after many tries: an authorization is given up, anything else is tried on. */
export type Unanswered = { result: 'unanswered'; reason: string }

export interface AttemptResult {
  attempt: Attempt
  outcome: Outcome | Unanswered
  /** When it is due again, where this is not its end. */
  again: Date
}

const events = {
  authorize: PaymentAuthorized,
  capture: PaymentCaptured,
  void: PaymentVoided,
} as const
const done = { authorize: 'authorized', capture: 'captured', void: 'voided', cancel: 'withdrawn' } as const

/** A void has no other end than to succeed: money of the customer's is held until then. */
const isGivenBack = ({ kind }: Attempt) => kind === 'void' || kind === 'cancel'

const stateOf = ({ attempt, outcome: { result } }: AttemptResult): Resolution['state'] => {
  if (result === 'succeeded' || result === 'waiting') return result
  if (isGivenBack(attempt)) return 'open'
  if (result === 'declined') return 'declined'
  return attempt.kind === 'authorize' ? 'failed' : 'open'
}

const reasonOf = ({ outcome }: AttemptResult) => ('reason' in outcome ? outcome.reason.slice(0, 100) : null)

const stepOf = (answer: AttemptResult): Step => {
  const { attempt, outcome } = answer
  const { id, orderId, kind, provider, correlationId } = attempt
  const amount = money(attempt.amountMinor, attempt.currency)
  const reason = reasonOf(answer)
  const step = (type: string, summary: string): Step => ({
    orderId,
    type,
    by: 'system',
    summary,
    data: { attemptId: id, kind, provider, amount, ...(reason !== null && { reason }) },
    correlationId,
  })
  if (outcome.result === 'waiting')
    return step('payment-action-required', `The customer has to approve the payment: ${inWords(amount)}.`)
  if (outcome.result !== 'succeeded')
    return step(PaymentFailed.type, `The payment could not be ${done[kind]}: ${reason}.`)
  return kind === 'cancel'
    ? step('payment-withdrawn', `The payment was withdrawn, since it was not completed: ${inWords(amount)}.`)
    : step(events[kind].type, `The payment was ${done[kind]}: ${inWords(amount)}.`)
}

const causeOf = ({
  correlationId,
  causationId,
  traceparent,
}: Pick<Attempt, 'correlationId' | 'causationId' | 'traceparent'>): Cause => ({
  correlationId,
  causationId: causationId ?? undefined,
  traceparent: traceparent ?? undefined,
})

const emitOutcome = async (trx: Trx, answer: AttemptResult) => {
  const { attempt, outcome } = answer
  const { kind, orderId } = attempt
  const fact = {
    orderId,
    attemptId: attempt.id,
    provider: attempt.provider,
    amount: money(attempt.amountMinor, attempt.currency),
  }
  const cause = causeOf(attempt)
  if (outcome.result === 'succeeded') {
    if (kind !== 'cancel') await emitWithCause(trx, cause, events[kind], fact)
  } else if (outcome.result !== 'waiting') {
    await emitWithCause(trx, cause, PaymentFailed, {
      ...fact,
      kind: kind === 'cancel' ? 'void' : kind,
      reason: reasonOf(answer) ?? '',
    })
  }
}

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

/** Records what the provider answered to a batch of attempts, and reports it to their orders and shipments. What
 * another worker recorded after a lease ran out is left alone. A batch that is partly of that kind throws; a single
 * answer never does. */
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
    answers.map((answer) => {
      const { attempt, outcome, again } = answer
      const state = stateOf(answer)
      const reference = 'reference' in outcome ? outcome.reference.slice(0, 255) : attempt.reference
      const dueAt = state === 'open' || state === 'waiting' ? again : null
      return { id: attempt.id, state, reference, reason: reasonOf(answer), dueAt }
    }),
    now,
  )
  if (resolved === 0) return
  if (resolved < answers.length)
    throw new MixedBatch('some of these attempts were resolved by another worker')
  // That an attempt is stuck is reported once.
  const reported = answers.filter(
    ({ attempt, outcome }) => !attempt.stuckAt || outcome.result === 'succeeded',
  )
  await recordSteps(trx, reported.map(stepOf), now)
  for (const answer of reported) await emitOutcome(trx, answer)

  const ended = (kind: Attempt['kind'], state: Resolution['state']) =>
    answers.filter((answer) => answer.attempt.kind === kind && stateOf(answer) === state)

  await handlePaymentsAuthorized(
    trx,
    ended('authorize', 'succeeded').map(({ attempt }) => ({
      order: orderOf(attempt.orderId),
      cause: causeOf(attempt),
    })),
    context,
  )
  const unanswered = ended('authorize', 'failed')
  await markPaymentDeclined(
    trx,
    [...ended('authorize', 'declined'), ...unanswered].map((answer) => ({
      id: answer.attempt.orderId,
      reason: reasonOf(answer) ?? '',
    })),
    context,
  )
  await context.payments.giveUp(
    trx,
    unanswered.map(({ attempt: { id, orderId, provider, amountMinor, currency, reference, ...cause } }) => ({
      orderId,
      provider,
      amountMinor,
      currency,
      cause: causeOf(cause),
      authorizationId: id,
      authorizationReference: reference ?? '',
    })),
    context,
  )
  await handleActionRequired(
    trx,
    ended('authorize', 'waiting').flatMap(({ attempt, outcome }) =>
      outcome.result === 'waiting'
        ? {
            order: orderOf(attempt.orderId),
            action: JSON.stringify(outcome.nextAction),
            cause: causeOf(attempt),
          }
        : [],
    ),
    context,
  )

  for (const answer of answers) {
    const { shipmentId, orderId, amountMinor } = answer.attempt
    if (shipmentId === null || stateOf(answer) === 'open') continue
    const capture = { shipmentId, orderId, amountMinor, cause: causeOf(answer.attempt) }
    await context.settleCapture(trx, { ...capture, refusal: reasonOf(answer) }, context)
  }
  await settleVoids(trx, [...ended('void', 'succeeded'), ...ended('cancel', 'succeeded')], orderOf)
}

const settleVoids = async (
  trx: Trx,
  answers: readonly AttemptResult[],
  orderOf: (id: string) => { capturedMinor: number },
) => {
  const of = (kind: Attempt['kind']) =>
    answers.flatMap(({ attempt }) => (attempt.kind === kind ? attempt : []))
  const voided = of('void')
  await handlePaymentsVoided(
    trx,
    voided.map(({ orderId }) => orderId),
  )
  // Of a partly captured authorization only the rest was voided: it stands, for what was captured.
  const whole = [...of('cancel'), ...voided.filter(({ orderId }) => orderOf(orderId).capturedMinor === 0)]
  const ids = whole.flatMap(({ authorizationId }) => authorizationId ?? [])
  if (ids.length > 0) await markAuthorizationsVoided(trx, ids)
}

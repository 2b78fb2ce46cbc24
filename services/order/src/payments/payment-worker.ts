import { inTransaction } from '@storewright/database'
import { backoff } from '@storewright/runtime/backoff'
import { createBatcher, READ_WAIT_MS } from '@storewright/runtime/batching'
import { createLeaseWorker, type JobLogger } from '@storewright/runtime/jobs'
import { raceAbort } from '@storewright/runtime/timeout'
import type { Db } from '../database.ts'
import type { StepContext } from '../orders/transition.ts'
import type { createAttemptQueue } from './attempt-queue.ts'
import type { Outcome, PaymentProvider, Providers } from './provider.ts'
import { hasDueAttempts, leaseAttempts, postponeAttempts, type Attempt } from './queries.ts'
import { recordOutcomes, type AttemptResult, type SettleCapture } from './record-outcomes.ts'

export interface WorkerSettings {
  /** How long a claimed attempt is left to this process; a call of the provider is aborted at half of it. */
  leaseMs: number
  /** How often to look without a notification: for attempts of replicas that committed or died elsewhere. */
  pollMs: number
  /** How many calls of one provider may be under way. */
  concurrency: number
}

const BATCH = 100
/** Two minutes of growing pauses, and the time-outs between them. */
const MAX_TRIES = 8
const PAUSE = { from: 1_000, to: 3_600_000, spread: [1, 1] } as const
/** A net: providers send a notice when the customer has finished. */
const LOOK_AGAIN_MS = 60_000

const NOTHING: Outcome = { result: 'succeeded', reference: 'nothing' }

const withdraw = async (
  provider: PaymentProvider,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Outcome> => {
  const { id: key, orderId, amountMinor, currency, authorizationId, authorizationReference } = attempt
  const earlier =
    authorizationReference === '' && authorizationId !== null
      ? await provider.find({ key: authorizationId, kind: 'authorize', reference: null, signal })
      : { result: 'succeeded' as const, reference: authorizationReference ?? '' }
  if (!earlier || earlier.result === 'declined') return NOTHING
  return provider.void({ key, orderId, amountMinor, currency, signal, authorization: earlier.reference })
}

/** Asks the provider, or first what became of an earlier call whose answer nobody recorded. */
const callProvider = async (
  provider: PaymentProvider | undefined,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Outcome> => {
  const { id: key, kind, orderId, amountMinor, currency, token, state, tries } = attempt
  if (!provider) {
    if (kind === 'authorize' && tries === 0) return { result: 'declined', reason: 'provider-switched-off' }
    throw new Error(`the payment provider ${attempt.provider} is switched off`)
  }
  // Providers refuse amounts of nothing.
  if (amountMinor === 0) return NOTHING
  if (kind === 'cancel') return withdraw(provider, attempt, signal)
  if (tries > 0 || state === 'waiting') {
    const reference = kind === 'authorize' ? attempt.reference : attempt.authorizationReference
    const earlier = await provider.find({ key, kind, reference, signal })
    if (earlier) return earlier
  }
  const request = { key, orderId, amountMinor, currency, signal }
  if (kind === 'authorize') return provider.authorize({ ...request, token })
  return provider[kind]({ ...request, authorization: attempt.authorizationReference ?? '' })
}

/** Works on the attempts of one provider: claims them by a lease, calls it outside any transaction, records. */
const createPaymentWorker = (
  name: string,
  {
    db,
    providers,
    settings: { leaseMs, pollMs, concurrency },
    stepContext,
    record,
    logger,
  }: {
    db: Db
    providers: Providers
    settings: WorkerSettings
    stepContext: () => StepContext
    record: (answer: AttemptResult) => Promise<Error | null>
    logger: JobLogger
  },
) => {
  const postpone = (attempt: Attempt, again: Date) =>
    // Where this fails, the lease runs out by itself.
    postponeAttempts(db, [attempt.id], again).catch(() => undefined)

  const work = async (attempt: Attempt) => {
    const after = (ms: number) => new Date(stepContext().now.getTime() + ms)
    try {
      // Within the lease, so that no other replica calls while this one still waits.
      const signal = AbortSignal.timeout(leaseMs / 2)
      const outcome = await raceAbort(callProvider(providers.get(name), attempt, signal), signal)
      if (outcome.result === 'waiting' && attempt.state === 'waiting') {
        await postpone(attempt, after(LOOK_AGAIN_MS))
        return
      }
      const pause = outcome.result === 'waiting' ? LOOK_AGAIN_MS : backoff(attempt.tries, PAUSE)
      const failure = await record({ attempt, outcome, again: after(pause) })
      if (failure) throw failure
    } catch (error) {
      const tries = attempt.tries + 1
      logger.warn({ err: error, attemptId: attempt.id, provider: name, tries }, 'payment attempt unresolved')
      const again = after(backoff(attempt.tries, PAUSE))
      const isStuck = tries >= MAX_TRIES && attempt.state === 'open' && !attempt.stuckAt
      const failure = isStuck
        ? await record({ attempt, outcome: { result: 'unanswered', reason: 'provider-unavailable' }, again })
        : null
      if (!isStuck || failure) await postpone(attempt, again)
    }
  }

  const claim = async (free: number) => {
    const limit = Math.min(free, BATCH)
    const { now } = stepContext()
    if (!(await hasDueAttempts(db, { provider: name, now }))) return { items: [], more: false }
    const until = new Date(now.getTime() + leaseMs)
    const items = await inTransaction(db, (trx) => leaseAttempts(trx, { provider: name, now, until, limit }))
    return { items, more: items.length === limit }
  }

  return createLeaseWorker({
    name: `payments by ${name}`,
    claim,
    work,
    concurrency,
    pollMs,
    freshMs: leaseMs / 4,
    release: async (attempts) => {
      const ids = attempts.map(({ id }) => id)
      await postponeAttempts(db, ids, stepContext().now)
    },
    logger,
  })
}

/** A worker for each provider, so that one that hangs holds up no other; outcomes are recorded together. */
export const createPaymentWorkers = ({
  names,
  queue,
  settleCapture,
  ...options
}: {
  names: Iterable<string>
  queue: ReturnType<typeof createAttemptQueue>
  db: Db
  providers: Providers
  settings: WorkerSettings
  stepContext: () => StepContext
  settleCapture: SettleCapture
  logger: JobLogger
}) => {
  const { db, stepContext } = options
  /** By halves where it fails: one that cannot be recorded must not hold up the others. */
  const recordAll = async (answers: AttemptResult[]): Promise<(Error | null)[]> => {
    try {
      await inTransaction(db, (trx) => recordOutcomes(trx, answers, { ...stepContext(), settleCapture }))
      return answers.map(() => null)
    } catch (error) {
      if (answers.length === 1) return [error instanceof Error ? error : new Error(String(error))]
      const half = Math.ceil(answers.length / 2)
      const parts = await Promise.all([recordAll(answers.slice(0, half)), recordAll(answers.slice(half))])
      return parts.flat()
    }
  }
  const record = createBatcher(recordAll, { maxBatch: BATCH, waitMs: READ_WAIT_MS })

  return [...new Set(names)].map((name) => {
    const worker = createPaymentWorker(name, { ...options, record })
    queue.register(name, worker)
    return worker
  })
}

import { createBatcher } from '@storewright/runtime/batching'
import { inTransaction } from '@storewright/database'
import { backoff } from '@storewright/runtime/backoff'
import { createLeaseWorker, type JobLogger } from '@storewright/runtime/jobs'
import { withTimeout } from '@storewright/runtime/timeout'
import type { Db } from '../database.ts'
import type { OrderNotifier } from '../order-notifier.ts'
import type { StepContext } from '../orders/transition.ts'
import type { Outcome, Providers } from './provider.ts'
import { leaseAttempts, postponeAttempt, type Attempt } from './queries.ts'
import { recordOutcomes, type AttemptResult, type SettleCapture } from './record-outcomes.ts'

export interface WorkerSettings {
  /** How long a claimed attempt is left to this process; longer than any provider's answer. */
  leaseMs: number
  /** How often to look without a notification: for attempts of replicas that committed or died elsewhere. */
  pollMs: number
  /** How many provider calls may be under way. */
  concurrency: number
}

const BATCH = 100
const PAUSE = { from: 1_000, to: 60_000, spread: [1, 1] } as const

/** Asks the provider, or first what became of an earlier call whose answer nobody recorded. */
const callProvider = async (providers: Providers, attempt: Attempt): Promise<Outcome> => {
  const provider = providers.get(attempt.provider)
  if (!provider) throw new Error(`there is no payment provider ${attempt.provider}`)
  if (attempt.tries > 0) {
    const earlier = await provider.find(attempt.id)
    if (earlier) return earlier
  }
  const { id: key, orderId, amountMinor, currency, token } = attempt
  const request = { key, orderId, amountMinor, currency }
  if (attempt.kind === 'authorize') return provider.authorize({ ...request, token })
  const authorization = attempt.authorizationReference ?? ''
  return provider[attempt.kind]({ ...request, authorization })
}

/** Works on payment attempts: claims them by a lease, calls the provider outside any transaction, records. */
export const createPaymentWorker = ({
  db,
  providers,
  notifier,
  settings: { leaseMs, pollMs, concurrency },
  stepContext,
  settleCapture,
  logger,
}: {
  db: Db
  providers: Providers
  notifier: OrderNotifier
  settings: WorkerSettings
  stepContext: () => StepContext
  settleCapture: SettleCapture
  logger: JobLogger
}) => {
  const record = createBatcher(
    async (answers: AttemptResult[]): Promise<(Error | null)[]> => {
      const write = (some: AttemptResult[]) =>
        inTransaction(db, (trx) => recordOutcomes(trx, some, { ...stepContext(), settleCapture }))
      try {
        await write(answers)
        return answers.map(() => null)
      } catch (error) {
        if (answers.length === 1) return [error as Error]
      }
      // One that cannot be recorded must not hold up the others.
      const failures: (Error | null)[] = []
      for (const answer of answers) {
        failures.push(
          await write([answer]).then(
            () => null,
            (error: Error) => error,
          ),
        )
      }
      return failures
    },
    { maxBatch: BATCH },
  )

  const work = async (attempt: Attempt) => {
    try {
      // Within the lease, so that no other replica calls while this one still waits.
      const outcome = await withTimeout(
        callProvider(providers, attempt),
        leaseMs / 2,
        'the provider’s answer',
      )
      const failure = await record({ attempt, outcome })
      if (failure) throw failure
    } catch (error) {
      logger.warn(
        { err: error, attemptId: attempt.id, tries: attempt.tries + 1 },
        'payment attempt unresolved',
      )
      const pause = backoff(attempt.tries, PAUSE)
      await inTransaction(db, (trx) =>
        postponeAttempt(trx, attempt.id, new Date(stepContext().now.getTime() + pause)),
      ).catch(
        // The lease will run out by itself.
        () => undefined,
      )
    }
  }

  const claim = async (free: number) => {
    const limit = Math.min(free, BATCH)
    const { now } = stepContext()
    const until = new Date(now.getTime() + leaseMs)
    const items = await inTransaction(db, (trx) => leaseAttempts(trx, { now, until, limit }))
    return { items, more: items.length === limit }
  }

  const worker = createLeaseWorker({ name: 'payment worker', claim, work, concurrency, pollMs, logger })
  notifier.onPaymentsDue(worker.notify)
  return worker
}

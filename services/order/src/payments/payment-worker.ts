import { inTransaction } from '@storewright/database'
import { createBatcher } from '../batching.ts'
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

interface Log {
  warn(details: object, message: string): void
}

const BATCH = 100
const MAX_PAUSE_MS = 60_000

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

/** Within the lease, so that nobody else asks while this process still waits. */
const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
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
  logger: Log
}) => {
  let running = false
  let notified = Promise.withResolvers<void>()
  let loop = Promise.resolve()
  const underWay = new Set<Promise<void>>()

  const notify = () => notified.resolve()
  notifier.onPaymentsDue(notify)

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

  const workOn = async (attempt: Attempt) => {
    try {
      const outcome = await within(leaseMs / 2, callProvider(providers, attempt))
      const failure = await record({ attempt, outcome })
      if (failure) throw failure
    } catch (error) {
      logger.warn(
        { err: error, attemptId: attempt.id, tries: attempt.tries + 1 },
        'payment attempt unresolved',
      )
      const pause = Math.min(1_000 * 2 ** attempt.tries, MAX_PAUSE_MS)
      await inTransaction(db, (trx) =>
        postponeAttempt(trx, attempt.id, new Date(stepContext().now.getTime() + pause)),
      ).catch(
        // The lease will run out by itself.
        () => undefined,
      )
    }
  }

  const claim = async () => {
    const limit = Math.min(concurrency - underWay.size, BATCH)
    if (limit <= 0) return 0
    const now = stepContext().now
    const until = new Date(now.getTime() + leaseMs)
    const attempts = await inTransaction(db, (trx) => leaseAttempts(trx, { now, until, limit }))
    for (const attempt of attempts) {
      const work: Promise<void> = workOn(attempt).finally(() => {
        underWay.delete(work)
        notify()
      })
      underWay.add(work)
    }
    return attempts.length
  }

  const rest = async () => {
    const timer = setTimeout(notify, pollMs)
    await notified.promise
    clearTimeout(timer)
  }

  const run = async () => {
    while (running) {
      notified = Promise.withResolvers()
      try {
        if ((await claim()) > 0) continue
      } catch (error) {
        logger.warn({ err: error }, 'payment attempts cannot be claimed')
        await new Promise((resolve) => setTimeout(resolve, pollMs))
        continue
      }
      await rest()
    }
  }

  return {
    name: 'payment worker',
    start: () => {
      running = true
      loop = run()
      return Promise.resolve()
    },
    stop: async () => {
      running = false
      notify()
      await loop
      await Promise.allSettled(underWay)
    },
  }
}

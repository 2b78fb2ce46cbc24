import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { pauseBackoff } from '@storewright/runtime/backoff'
import { onScrape } from '@storewright/runtime/metrics'
import { raceAbort } from '@storewright/runtime/timeout'
import type { Broker } from '../connection/broker.ts'
import * as metrics from '../metrics.ts'
import { acquireLeadership, type AcquireLeadership, type Leadership } from './leader-lock.ts'
import { createOutboxNotifier } from './outbox-notifier.ts'
import { listUnsent, outboxDepth, retryParked } from './outbox-rows.ts'
import { createSender, type SendStep } from './sender.ts'

export interface Relay {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}

interface RelayOptions<DB> {
  db: Kysely<DB>
  broker: Broker<string>
  service: string
  logger: Logger
  batchSize?: number
  /** How soon events are found that other replicas committed; this replica's own commits notify the relay. */
  pollMs?: number
}

export interface RelayHooks {
  acquire?: AcquireLeadership
  onStep?: (step: SendStep) => Promise<void>
}

const RETRY_PARKED_EVERY_MS = 1_000
const RETRY_PARKED_AT_MOST = 50

/** Publishes the outbox, the events of each aggregate in order, and deletes what the broker has confirmed. */
export const createRelay = <DB>(options: RelayOptions<DB>): Relay => createRelayWithHooks(options, {})

export const createRelayWithHooks = <DB>(
  { db, broker, service, logger, batchSize = 200, pollMs = 50 }: RelayOptions<DB>,
  { acquire = acquireLeadership, onStep = async () => undefined }: RelayHooks,
): Relay => {
  const publisher = broker.createPublisher()
  const sender = createSender({ db, publisher, topology: broker.topology, service, logger, onStep })
  const notifier = createOutboxNotifier()
  const stopping = new AbortController()
  let running = Promise.resolve()

  const publishWhileLeading = async ({ lost, isOutboxEmpty }: Leadership) => {
    const signal = AbortSignal.any([lost, stopping.signal])
    let failures = 0
    let retryParkedAt = 0
    while (!signal.aborted) {
      notifier.reset()
      await publisher.ready(signal)
      if (performance.now() >= retryParkedAt) {
        await retryParked(db, RETRY_PARKED_AT_MOST)
        retryParkedAt = performance.now() + RETRY_PARKED_EVERY_MS
      }
      const events = await listUnsent(db, batchSize)
      if (events.length === 0) {
        while (!(await notifier.wait(pollMs, signal)) && performance.now() < retryParkedAt && !signal.aborted)
          if (!(await raceAbort(isOutboxEmpty(), signal))) break
        continue
      }
      const progress = await sender.send(events, signal)
      failures = progress ? 0 : failures + 1
      if (failures > 0) await pauseBackoff(failures, signal, { to: 2_000 })
    }
  }

  const run = async () => {
    let failures = 0
    while (!stopping.signal.aborted) {
      let leadership: Leadership | null = null
      try {
        const acquiring = acquire(db)
        leadership = await raceAbort(acquiring, stopping.signal).catch((error: unknown) => {
          // Acquired after the stop it would only keep other replicas from publishing.
          void acquiring.then((acquired) => acquired?.release()).catch(() => undefined)
          throw error
        })
        if (!leadership) continue
        logger.info('this replica publishes the outbox')
        metrics.relayLeadership.set({ service }, 1)
        await publishWhileLeading(leadership)
        failures = 0
      } catch (error) {
        if (stopping.signal.aborted) break
        logger.warn({ err: error }, 'the relay restarts')
        await pauseBackoff(failures++, stopping.signal, { to: 2_000 })
      } finally {
        metrics.relayLeadership.set({ service }, 0)
        await leadership?.release()
      }
    }
  }

  const measure = async () => {
    const { waiting, parked, oldestSeconds } = await outboxDepth(db)
    metrics.outboxDepth.set({ service, state: 'waiting' }, waiting)
    metrics.outboxDepth.set({ service, state: 'parked' }, parked)
    metrics.outboxAge.set({ service }, oldestSeconds)
  }

  const cleanups: (() => void)[] = []
  return {
    name: 'relay',
    start: async () => {
      notifier.listen()
      cleanups.push(notifier.stop, onScrape(measure))
      running = run()
    },
    stop: async () => {
      for (const cleanUp of cleanups) cleanUp()
      stopping.abort(new Error('the relay stops'))
      await running
      await publisher.close()
    },
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Broker } from './broker.ts'
import { backoff, orAborted } from './connection/waiting.ts'
import type { Count } from './counters.ts'
import type { OutboxEvent } from './envelope.ts'
import * as metrics from './metrics.ts'
import { electByLock, type Elect, type Term } from './relaying/election.ts'
import { listUnsent, outboxDepths, unparkDue } from './relaying/outbox-rows.ts'
import { createSender } from './relaying/sender.ts'
import { onWake } from './relaying/wake.ts'
import { groupsHearing } from './topology.ts'

export interface Relay {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Looks for events now; `emit` does this by itself after the commit. */
  wake(): void
}

/** The lines where a crash hurts most; tests end the process there. */
export type RelayPoint = 'before-publish' | 'before-confirm' | 'before-delete'

const UNPARK_EVERY_MS = 1_000
const UNPARK_AT_MOST = 50

/** Publishes what the outbox holds, in the order of each aggregate, and deletes it once the broker has it. */
export const createRelay = <DB>({
  db,
  broker,
  service,
  logger,
  batchSize = 200,
  pollMs = 50,
  elect = electByLock,
  reached = async () => undefined,
}: {
  db: Kysely<DB>
  broker: Broker
  service: string
  logger: Logger
  batchSize?: number
  /** Finds what replicas without the lock committed; this replica's own commits wake the relay. */
  pollMs?: number
  elect?: Elect
  reached?: (point: RelayPoint) => Promise<void>
}): Relay => {
  const publisher = broker.createPublisher()
  const stopping = new AbortController()
  let running = Promise.resolve()
  let woken = false
  let sleeper: (() => void) | undefined

  const wake = () => {
    woken = true
    sleeper?.()
  }

  const countsOf = ({ type }: OutboxEvent): Count[] =>
    ['', ...groupsHearing(broker.topology, type)].map((group) => ({ kind: 'emitted', group, type, by: 1 }))

  const sender = createSender({ db, publisher, broker, service, logger, countsOf, reached })

  const sleep = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        sleeper = undefined
        resolve()
      }
      const timer = setTimeout(done, pollMs)
      signal.addEventListener('abort', done, { once: true })
      sleeper = done
    })

  const lead = async (term: Term) => {
    const signal = AbortSignal.any([term.lost, stopping.signal])
    let failures = 0
    let unparkAt = 0
    while (!signal.aborted) {
      woken = false
      await publisher.ready(signal)
      if (performance.now() >= unparkAt) {
        await unparkDue(db, UNPARK_AT_MOST)
        unparkAt = performance.now() + UNPARK_EVERY_MS
      }
      const events = await listUnsent(db, batchSize)
      if (events.length === 0) {
        // Whoever committed after that read has set the flag.
        if (!woken) await sleep(signal)
        continue
      }
      const progress = await sender.send(events, signal)
      failures = progress ? 0 : failures + 1
      if (failures > 0)
        await pause(backoff(failures, { to: 2_000 }), undefined, { signal }).catch(() => undefined)
    }
  }

  const run = async () => {
    let failures = 0
    while (!stopping.signal.aborted) {
      let term: Term | null = null
      try {
        const election = elect(db)
        term = await orAborted(election, stopping.signal).catch((error: unknown) => {
          // Nobody waits for it any more; were it won now, it would only keep others from publishing.
          void election.then((won) => won?.resign()).catch(() => undefined)
          throw error
        })
        if (!term) continue
        logger.info('this replica publishes the outbox')
        metrics.relayLeads.set({ service }, 1)
        await lead(term)
        failures = 0
      } catch (error) {
        if (stopping.signal.aborted) break
        logger.warn({ err: error }, 'the relay starts over')
        await pause(backoff(failures++, { to: 2_000 }), undefined, { signal: stopping.signal }).catch(
          () => undefined,
        )
      } finally {
        metrics.relayLeads.set({ service }, 0)
        await term?.resign()
      }
    }
  }

  const measure = async () => {
    const { waiting, parked, oldestSeconds } = await outboxDepths(db)
    metrics.outboxDepth.set({ service, state: 'waiting' }, waiting)
    metrics.outboxDepth.set({ service, state: 'parked' }, parked)
    metrics.outboxAge.set({ service }, oldestSeconds)
  }

  const registrations: (() => void)[] = []
  return {
    name: 'relay',
    wake,
    start: async () => {
      registrations.push(onWake(wake), metrics.onScrape(measure))
      running = run()
    },
    stop: async () => {
      for (const takeOff of registrations) takeOff()
      stopping.abort(new Error('the relay stops'))
      await running
      await publisher.close()
    },
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Broker } from '../broker.ts'
import { backoff } from '../connection/waiting.ts'
import type { Publisher } from '../connection/publisher.ts'
import { isReplay, readEnvelope, typeOf } from '../envelope.ts'
import * as metrics from '../metrics.ts'
import type { Subscription } from '../subscriptions.ts'
import { applyEvents, type Received } from './apply.ts'
import type { Delivery } from './feed.ts'
import { recordStart, type Inbox } from './inbox.ts'
import { createPatience, isBlameless } from './patience.ts'
import { createSetAside, type Reason } from './set-aside.ts'

/** How often a lone message may end the process before it goes to the dead letters. */
const LONE_STARTS = 5
/** Further tries after the database failed but answers again: a whole batch once, a lone message a few times. */
const BATCH_ROUNDS = 2
const LONE_ROUNDS = 5

type Result = 'done' | 'abandoned' | { error: unknown; blameless: boolean }

export interface HandlingParts<DB> {
  db: Kysely<DB>
  broker: Broker
  publisher: Publisher
  group: string
  subscriptions: readonly Subscription<DB>[]
  inbox: Inbox
  logger: Logger
  /** Called after the commit and before the ack. */
  committed: () => Promise<void>
}

/**
 * Settles deliveries: applies them, sends them to a retry queue or to the dead letters, and acks. Where `signal`
 * comes first they stay unacked, and the broker delivers them again.
 */
export const createHandling = <DB>(parts: HandlingParts<DB>) => {
  const { db, group, subscriptions, logger } = parts
  const contracts = new Map(subscriptions.map(({ contract }) => [contract.type, contract]))
  const patience = createPatience(db, group, logger)
  const { retry, die } = createSetAside({ ...parts, patience })

  const read = (delivery: Delivery) => {
    const { message } = delivery
    const reading = readEnvelope(message, contracts.get(typeOf(message)))
    return reading.ok ? { ...reading, delivery, replayed: isReplay(message) } : { ...reading, delivery }
  }

  const note = (applied: Received['envelope'][], repeated: Received['envelope'][], began: number) => {
    metrics.batchSizes.observe({ group }, applied.length + repeated.length)
    metrics.handlingSeconds.observe({ group }, (performance.now() - began) / 1000)
    for (const { type } of applied) metrics.consumed.inc({ group, type })
    for (const { type } of repeated) metrics.duplicates.inc({ group, type })
    const last = applied.at(-1)
    if (last) metrics.eventAge.set({ group }, (Date.now() - Date.parse(last.time)) / 1000)
  }

  const attempt = async (received: Received[], rounds: number, signal: AbortSignal): Promise<Result> => {
    for (let round = 1; ; round++) {
      if (signal.aborted) return 'abandoned'
      const began = performance.now()
      try {
        const { applied, duplicates } = await applyEvents(parts, received)
        note(applied, duplicates, began)
        break
      } catch (error) {
        const blameless = isBlameless(error)
        if (!blameless || round >= rounds) return { error, blameless }
        logger.warn({ err: error, group, round }, 'the database failed a batch; again')
        await pause(backoff(round, { from: 20, to: 2_000 }), undefined, { signal })
        await patience.untilDatabaseAnswers(signal)
      }
    }
    await parts.committed()
    for (const { delivery } of received) delivery.ack()
    return 'done'
  }

  const bury = async (delivery: Delivery, why: Reason, signal: AbortSignal) => {
    if (await die(delivery.message, why, signal)) delivery.ack()
  }

  const alone = async (delivery: Delivery, signal: AbortSignal) => {
    const reading = read(delivery)
    if (!reading.ok) return bury(delivery, reading, signal)

    if (delivery.redelivered) {
      const claim = { id: reading.envelope.id, replayed: reading.replayed }
      const starts = await patience.with(signal, () => recordStart(db, group, claim))
      if (starts > LONE_STARTS) {
        const detail = `begun alone ${starts - 1} times, and the process ended each time`
        return bury(delivery, { reason: 'ends-the-process', detail }, signal)
      }
    }
    const result = await attempt([reading], LONE_ROUNDS, signal)
    if (typeof result === 'string') return
    const why = { reason: 'handler-failed', error: result.error }
    if (await retry(delivery.message, why, !result.blameless, signal)) delivery.ack()
  }

  const together = async (deliveries: Delivery[], signal: AbortSignal) => {
    const readings = deliveries.map(read)
    const good = readings.filter((reading) => reading.ok)
    const [first, ...others] = good
    if (first && others.length === 0) await alone(first.delivery, signal)
    const result = others.length > 0 ? await attempt(good, BATCH_ROUNDS, signal) : 'done'
    // Rolled back as a whole. One by one a bad message costs only itself.
    if (typeof result !== 'string') {
      logger.warn({ err: result.error, group, size: good.length }, 'a batch failed; one by one')
      await oneByOne(
        good.map(({ delivery }) => delivery),
        signal,
      )
    }
    for (const reading of readings) if (!reading.ok) await bury(reading.delivery, reading, signal)
  }

  const oneByOne = async (deliveries: Delivery[], signal: AbortSignal) => {
    for (const delivery of deliveries) {
      if (signal.aborted) return
      await alone(delivery, signal)
    }
  }

  return { together, oneByOne, untilDatabaseAnswers: patience.untilDatabaseAnswers }
}

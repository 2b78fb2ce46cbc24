import type { Envelope } from '@storewright/contracts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { pauseBackoff } from '@storewright/runtime/backoff'
import type { Broker } from '../connection/broker.ts'
import type { Publisher } from '../connection/publisher.ts'
import { isRedriven, readEnvelope, typeOf } from '../envelope.ts'
import * as metrics from '../metrics.ts'
import type { Subscription } from '../subscriptions.ts'
import { applyEvents, type ReceivedEvent } from './apply-events.ts'
import { createDatabaseRetry, isTransient } from './database-retry.ts'
import type { Delivery } from './delivery-buffer.ts'
import { recordStart, type Inbox } from './inbox.ts'
import { createRetryAndDeadLetter, type Reason } from './retry-and-dead-letter.ts'

/** How often the process may end while it handles one message alone before that is dead-lettered; see ADR 9. */
const MAX_CRASHES = 5
/** Immediate retries after transient database errors, per batch and per single message. */
const BATCH_TRIES = 2
const SINGLE_TRIES = 5

type Result = 'done' | 'aborted' | { error: unknown; transient: boolean }

/** Applies, retries later or dead-letters, and acks; where `signal` aborts first, deliveries stay unacked. */
export const createDeliveryHandler = <DB>(parts: {
  db: Kysely<DB>
  broker: Broker<string>
  publisher: Publisher
  group: string
  subscriptions: readonly Subscription<DB>[]
  inbox: Inbox
  logger: Logger
  afterCommit: () => Promise<void>
}) => {
  const { db, group, subscriptions, logger } = parts
  const contracts = new Map(subscriptions.map(({ contract }) => [contract.type, contract]))
  const database = createDatabaseRetry(db, group, logger)
  const { retryLater, deadLetter } = createRetryAndDeadLetter({ ...parts, database })

  const read = (delivery: Delivery) => {
    const { message } = delivery
    const result = readEnvelope(message, contracts.get(typeOf(message)))
    return result.ok ? { ...result, delivery, redriven: isRedriven(message) } : { ...result, delivery }
  }

  const recordMetrics = (applied: Envelope[], repeated: Envelope[], began: number) => {
    metrics.batchSizes.observe({ group }, applied.length + repeated.length)
    metrics.handlingSeconds.observe({ group }, (performance.now() - began) / 1000)
    for (const { type } of applied) metrics.applied.inc({ group, type })
    for (const { type } of repeated) metrics.duplicates.inc({ group, type })
    const last = applied.at(-1)
    if (last) metrics.eventAge.set({ group }, (Date.now() - Date.parse(last.time)) / 1000)
  }

  const applyAndAck = async (
    received: ReceivedEvent[],
    tries: number,
    signal: AbortSignal,
    ack = () => received.forEach(({ delivery }) => delivery.ack()),
  ): Promise<Result> => {
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted) return 'aborted'
      const began = performance.now()
      try {
        const { applied, duplicates } = await applyEvents(parts, received)
        recordMetrics(applied, duplicates, began)
        break
      } catch (error) {
        const transient = isTransient(error)
        if (!transient || attempt >= tries) return { error, transient }
        logger.warn({ err: error, group, attempt }, 'transient database error; the batch is tried again')
        await pauseBackoff(attempt, signal, { from: 20, to: 2_000 })
        await database.waitForDatabase(signal)
      }
    }
    await parts.afterCommit()
    ack()
    return 'done'
  }

  const deadLetterAndAck = async (delivery: Delivery, why: Reason, signal: AbortSignal) => {
    if (await deadLetter(delivery.message, why, signal)) delivery.ack()
  }

  const handleOne = async (delivery: Delivery, signal: AbortSignal) => {
    const event = read(delivery)
    if (!event.ok) return deadLetterAndAck(delivery, event, signal)

    if (delivery.redelivered) {
      const claim = { id: event.envelope.id, redriven: event.redriven }
      const starts = await database.retry(signal, () => recordStart(db, group, claim))
      if (starts > MAX_CRASHES) {
        const detail = `handled alone ${starts - 1} times, and the process ended each time`
        return deadLetterAndAck(delivery, { reason: 'poison-message', detail }, signal)
      }
    }
    const result = await applyAndAck([event], SINGLE_TRIES, signal)
    if (typeof result === 'string') return
    const why = { reason: 'handler-failed', error: result.error }
    const countsAsAttempt = !result.transient
    if (await retryLater(delivery.message, why, countsAsAttempt, signal)) delivery.ack()
  }

  const handleSequentially = async (deliveries: Delivery[], signal: AbortSignal) => {
    for (const delivery of deliveries) {
      if (signal.aborted) return
      await handleOne(delivery, signal)
    }
  }

  const handleBatch = async (deliveries: Delivery[], signal: AbortSignal) => {
    const events = deliveries.map(read)
    const valid = events.filter((event) => event.ok)
    const [first, ...others] = valid
    if (first && others.length === 0) await handleOne(first.delivery, signal)
    // Whatever was delivered before this batch has been acked by now.
    const ackAll = valid.length === events.length ? deliveries.at(-1)?.ackUpToHere : undefined
    const result = others.length > 0 ? await applyAndAck(valid, BATCH_TRIES, signal, ackAll) : 'done'
    // Rolled back as a whole. One at a time a bad message costs only itself.
    if (typeof result !== 'string') {
      logger.warn(
        { err: result.error, group, size: valid.length },
        'a batch failed; its events run one by one',
      )
      await handleSequentially(
        valid.map(({ delivery }) => delivery),
        signal,
      )
    }
    for (const event of events) if (!event.ok) await deadLetterAndAck(event.delivery, event, signal)
  }

  return { handleBatch, handleSequentially, waitForDatabase: database.waitForDatabase }
}

import { inTransaction } from '@storewright/database'
import type { ConsumeMessage, Message, Options } from 'amqplib'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { pauseBackoff } from '@storewright/runtime/backoff'
import type { Broker } from '../connection/broker.ts'
import type { Publisher } from '../connection/publisher.ts'
import { addCounts } from '../counters.ts'
import { attemptOf, headersOf, idOf, isRedriven, typeOf, type OutgoingMessage } from '../envelope.ts'
import * as metrics from '../metrics.ts'
import { deadQueueOf, declareGroup, retryQueueOf } from '../topology.ts'
import type { DatabaseRetry } from './database-retry.ts'
import { findState, markDead } from './inbox.ts'

export interface Reason {
  readonly reason: string
  readonly error?: unknown
  readonly detail?: string
}

// The broker's own headers; copied along they would grow with every retry.
const BROKER_HEADERS = /^x-(?:death|first-death-|last-death-|delivery-count|acquired-count)/

// All headers must fit one frame; beyond this size those of others are left out.
const MAX_HEADER_BYTES = 24_000
const MAX_TEXT_LENGTH = 4_000

const fitFrame = (headers: [string, unknown][]): [string, unknown][] =>
  Buffer.byteLength(JSON.stringify(headers)) <= MAX_HEADER_BYTES
    ? headers
    : headers
        .filter(([name]) => name.startsWith('cloudEvents:') || name.startsWith('x-'))
        .map(([name, value]) => [name, typeof value === 'number' ? value : String(value).slice(0, 200)])

const keptProperties = ({ properties }: Message) => {
  const kept = ['messageId', 'type', 'timestamp', 'contentType', 'correlationId', 'appId'] as const
  return Object.fromEntries(kept.map((name) => [name, properties[name]])) as Options.Publish
}

export const copyForQueue = (
  message: Message,
  queue: string,
  headers: Record<string, unknown>,
): OutgoingMessage => {
  const kept = fitFrame(Object.entries(headersOf(message)).filter(([name]) => !BROKER_HEADERS.test(name)))
  return {
    exchange: '',
    routingKey: queue,
    body: message.content,
    properties: {
      ...keptProperties(message),
      persistent: true,
      headers: { ...Object.fromEntries(kept), ...headers },
    },
  }
}

const errorHeaders = ({ error, detail }: Reason) => ({
  'x-dead-error': (detail ?? (error instanceof Error ? error.message : String(error))).slice(
    0,
    MAX_TEXT_LENGTH,
  ),
  ...(error instanceof Error && error.stack ? { 'x-dead-stack': error.stack.slice(0, MAX_TEXT_LENGTH) } : {}),
})

/** Never a nack: publish, await the confirm, only then may the caller ack. False where the signal aborts first. */
export const createRetryAndDeadLetter = <DB>({
  db,
  broker,
  publisher,
  group,
  database,
  logger,
}: {
  db: Kysely<DB>
  broker: Broker<string>
  publisher: Publisher
  group: string
  database: DatabaseRetry
  logger: Logger
}) => {
  // Unknown types are arbitrary text and must become neither labels nor keys.
  const knownTypeOf = (message: Message) => {
    const type = typeOf(message)
    return broker.topology.contracts.has(type) ? type : 'unknown'
  }

  const redeclare = async (signal: AbortSignal) => {
    const channel = await broker.openChannel(signal)
    await declareGroup(channel, broker.topology, group)
    await channel.close()
  }

  const publishUntilConfirmed = async (message: OutgoingMessage, signal: AbortSignal): Promise<boolean> => {
    const queue = message.routingKey
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await publisher.ready(signal)
        const outcome = await publisher.publish(message)
        if (outcome.kind === 'confirmed') return true
        logger.error({ queue, outcome, group }, 'a message could not be moved to its queue; trying again')
        if (outcome.kind === 'returned') await redeclare(signal)
      } catch (error) {
        if (!signal.aborted)
          logger.warn({ err: error, queue, group }, 'a message could not be moved to its queue; trying again')
      }
      await pauseBackoff(failures, signal)
    }
    return false
  }

  /** Sends it to a retry queue. A transient failure does not count as an attempt and is retried for ever. */
  const retryLater = async (
    message: ConsumeMessage,
    why: Reason,
    countsAsAttempt: boolean,
    signal: AbortSignal,
  ) => {
    const tiers = broker.topology.retryTiers
    const attempt = attemptOf(message)
    const deferrals = Number(headersOf(message)['x-deferrals'] ?? 0)
    const tier = countsAsAttempt ? tiers[attempt - 1] : tiers[Math.min(deferrals, tiers.length - 1)]
    if (!tier) return deadLetter(message, why, signal)
    const type = knownTypeOf(message)
    metrics.retried.inc({ group, type })
    logger.warn(
      { err: why.error, group, type, eventId: idOf(message), attempt, retryInMs: tier.delayMs },
      'an event is retried later',
    )
    const headers = countsAsAttempt
      ? { 'x-attempt': attempt + 1 }
      : { 'x-attempt': attempt, 'x-deferrals': deferrals + 1 }
    return publishUntilConfirmed(copyForQueue(message, retryQueueOf(group, tier), headers), signal)
  }

  const deadLetter = async (message: ConsumeMessage, why: Reason, signal: AbortSignal): Promise<boolean> => {
    const id = idOf(message)
    const type = knownTypeOf(message)
    if (id !== undefined && !isRedriven(message)) {
      const row = await database.retry(signal, () => findState(db, group, id))
      // Published and counted before; only the ack was lost.
      if (row?.state === 'dead') return true
    }
    const headers = {
      'x-dead-reason': why.reason,
      'x-dead-at': new Date().toISOString(),
      'x-dead-attempts': attemptOf(message),
      ...errorHeaders(why),
    }
    const copy = copyForQueue(message, deadQueueOf(group), headers)
    if (!(await publishUntilConfirmed(copy, signal))) return false
    await database.retry(signal, () =>
      inTransaction(db, async (trx) => {
        if (id === undefined || type === 'unknown')
          await addCounts(trx, [{ kind: 'unknown-type', group, type, by: 1 }])
        else if (await markDead(trx, group, id)) await addCounts(trx, [{ kind: 'dead', group, type, by: 1 }])
      }),
    )
    metrics.dead.inc({ group, type, reason: why.reason })
    logger.error(
      { err: why.error, detail: why.detail, reason: why.reason, group, type: typeOf(message), eventId: id },
      'an event was dead-lettered',
    )
    return true
  }

  return { retryLater, deadLetter }
}

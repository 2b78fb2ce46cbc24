import { setTimeout as pause } from 'node:timers/promises'
import { inTransaction } from '@storewright/database'
import type { ConsumeMessage, Message, Options } from 'amqplib'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Broker } from '../broker.ts'
import { backoff } from '../connection/waiting.ts'
import type { Publisher } from '../connection/publisher.ts'
import { addCounts } from '../counters.ts'
import { attemptOf, headersOf, idOf, isReplay, typeOf, type Outgoing } from '../envelope.ts'
import * as metrics from '../metrics.ts'
import { deadQueueOf, declareGroup, retryQueueOf } from '../topology.ts'
import { findState, markDead } from './inbox.ts'
import type { Patience } from './patience.ts'

/** Why a message was set aside, for whoever looks at it later. */
export interface Reason {
  readonly reason: string
  readonly error?: unknown
  readonly detail?: string
}

// The broker's own bookkeeping; sent along it would grow with every round.
const BROKERS_OWN = /^x-(?:death|first-death-|last-death-|delivery-count|acquired-count)/

// Headers have to fit one frame. Ours are far smaller; what is not ours is left behind before it keeps the message.
const MOST_HEADER_BYTES = 24_000
const LONGEST_TEXT = 4_000

const compact = (headers: [string, unknown][]): [string, unknown][] =>
  Buffer.byteLength(JSON.stringify(headers)) <= MOST_HEADER_BYTES
    ? headers
    : headers
        .filter(([name]) => name.startsWith('cloudEvents:') || name.startsWith('x-'))
        .map(([name, value]) => [name, typeof value === 'number' ? value : String(value).slice(0, 200)])

const keptProperties = ({ properties }: Message) => {
  const kept = ['messageId', 'type', 'timestamp', 'contentType', 'correlationId', 'appId'] as const
  return Object.fromEntries(kept.map((name) => [name, properties[name]])) as Options.Publish
}

/** The same message for another queue, with some headers changed. */
export const readdress = (message: Message, queue: string, headers: Record<string, unknown>): Outgoing => {
  const own = compact(Object.entries(headersOf(message)).filter(([name]) => !BROKERS_OWN.test(name)))
  return {
    exchange: '',
    routingKey: queue,
    body: message.content,
    properties: {
      ...keptProperties(message),
      persistent: true,
      headers: { ...Object.fromEntries(own), ...headers },
    },
  }
}

const textsOf = ({ error, detail }: Reason) => ({
  'x-dead-error': (detail ?? (error instanceof Error ? error.message : String(error))).slice(0, LONGEST_TEXT),
  ...(error instanceof Error && error.stack ? { 'x-dead-stack': error.stack.slice(0, LONGEST_TEXT) } : {}),
})

/**
 * Moves messages that cannot be applied now out of the way of the others. Never a nack: publish, await the
 * confirm, and only then may the caller ack. False where the signal came first; then the message stays unacked.
 */
export const createSetAside = <DB>({
  db,
  broker,
  publisher,
  group,
  patience,
  logger,
}: {
  db: Kysely<DB>
  broker: Broker
  publisher: Publisher
  group: string
  patience: Patience
  logger: Logger
}) => {
  // Foreign types are anything at all, and become neither labels nor keys.
  const nameOf = (message: Message) => {
    const type = typeOf(message)
    return broker.topology.contracts.has(type) ? type : 'unknown'
  }

  const redeclare = async (signal: AbortSignal) => {
    const channel = await broker.openChannel(signal)
    await declareGroup(channel, broker.topology, group)
    await channel.close()
  }

  const publishSurely = async (message: Outgoing, signal: AbortSignal): Promise<boolean> => {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await publisher.ready(signal)
        const outcome = await publisher.publish(message)
        if (outcome.kind === 'confirmed') return true
        logger.error({ queue: message.routingKey, outcome, group }, 'a message could not be set aside; again')
        if (outcome.kind === 'returned') await redeclare(signal)
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error, group }, 'setting a message aside failed; again')
      }
      await pause(backoff(failures), undefined, { signal }).catch(() => undefined)
    }
    return false
  }

  /** Lets it come back later. `spend` is false where the message is not to blame: that uses up no attempt. */
  const retry = async (message: ConsumeMessage, why: Reason, spend: boolean, signal: AbortSignal) => {
    const tiers = broker.topology.retryTiers
    const attempt = attemptOf(message)
    const deferrals = Number(headersOf(message)['x-deferrals'] ?? 0)
    const tier = spend ? tiers[attempt - 1] : tiers[Math.min(deferrals, tiers.length - 1)]
    if (!tier) return die(message, why, signal)
    const type = nameOf(message)
    metrics.retried.inc({ group, type })
    logger.warn(
      { err: why.error, group, type, eventId: idOf(message), attempt, againInMs: tier.delayMs },
      'an event is retried later',
    )
    const headers = spend
      ? { 'x-attempt': attempt + 1 }
      : { 'x-attempt': attempt, 'x-deferrals': deferrals + 1 }
    return publishSurely(readdress(message, retryQueueOf(group, tier), headers), signal)
  }

  /** Gives it to the operators: to the dead letters first, then counted, and only then acked by the caller. */
  const die = async (message: ConsumeMessage, why: Reason, signal: AbortSignal): Promise<boolean> => {
    const id = idOf(message)
    const type = nameOf(message)
    if (id !== undefined && !isReplay(message)) {
      const row = await patience.with(signal, () => findState(db, group, id))
      // Published and counted before; only the ack was lost.
      if (row?.state === 'dead') return true
    }
    const headers = {
      'x-dead-reason': why.reason,
      'x-dead-at': new Date().toISOString(),
      'x-dead-attempts': attemptOf(message),
      ...textsOf(why),
    }
    if (!(await publishSurely(readdress(message, deadQueueOf(group), headers), signal))) return false
    await patience.with(signal, () =>
      inTransaction(db, async (trx) => {
        if (id === undefined || type === 'unknown')
          await addCounts(trx, [{ kind: 'foreign', group, type, by: 1 }])
        else if (await markDead(trx, group, id)) await addCounts(trx, [{ kind: 'dead', group, type, by: 1 }])
      }),
    )
    metrics.dead.inc({ group, type, reason: why.reason })
    logger.error(
      { err: why.error, detail: why.detail, reason: why.reason, group, type: typeOf(message), eventId: id },
      'an event went to the dead letters',
    )
    return true
  }

  return { retry, die }
}

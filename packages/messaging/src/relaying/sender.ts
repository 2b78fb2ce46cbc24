import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Broker } from '../broker.ts'
import type { Publisher } from '../connection/publisher.ts'
import type { Count } from '../counters.ts'
import { toMessage, type OutboxEvent } from '../envelope.ts'
import * as metrics from '../metrics.ts'
import type { RelayPoint } from '../relay.ts'
import { park, removeSent } from './outbox-rows.ts'

interface Failure {
  event: OutboxEvent
  reason: string
}

interface Round {
  sent: OutboxEvent[]
  /** Their own fault: parked at once, so that they cannot fill the window. */
  failed: Failure[]
  /** No confirm in time: their own fault only if others of the same round were confirmed. */
  late: Failure[]
  unknown: number
}

/** Publishes one round of events and settles each: delete, park, or leave for the next round. */
export const createSender = <DB>({
  db,
  publisher,
  broker,
  service,
  logger,
  countsOf,
  reached,
}: {
  db: Kysely<DB>
  publisher: Publisher
  broker: Broker
  service: string
  logger: Logger
  countsOf: (event: OutboxEvent) => Count[]
  reached: (point: RelayPoint) => Promise<void>
}) => {
  /** True when the next event of the aggregate may follow. */
  const sendOne = async (event: OutboxEvent, round: Round): Promise<boolean> => {
    const { type } = event
    metrics.published.inc({ service, type })
    const outcome = await publisher.publish(toMessage(event, broker.topology.exchange, service))
    await reached('before-confirm')
    switch (outcome.kind) {
      case 'confirmed':
        metrics.confirmed.inc({ service, type })
        round.sent.push(event)
        return true
      case 'returned':
        metrics.returned.inc({ service, type })
        if (broker.topology.contracts.get(type)?.consumerOptional) {
          round.sent.push(event)
          return true
        }
        round.failed.push({ event, reason: `returned by the broker: ${outcome.reason}` })
        return false
      case 'refused':
        round.failed.push({ event, reason: `refused: ${outcome.reason}` })
        return false
      case 'late':
        metrics.unconfirmed.inc({ service, type })
        round.late.push({ event, reason: outcome.reason })
        return false
      case 'unconfirmed':
        metrics.unconfirmed.inc({ service, type })
        round.unknown++
        return false
    }
  }

  const parkAll = async (failures: Failure[]) => {
    if (failures.length === 0) return
    await park(db, failures)
    for (const { event, reason } of failures) {
      metrics.parked.inc({ service, type: event.type })
      // Not the subject: of internal events it may be a secret.
      const { eventId, type, aggregateVersion, correlationId } = event
      logger.error(
        { eventId, type, aggregateVersion, correlationId, reason },
        'an event cannot be published; it is parked in the outbox, with the later ones of its aggregate',
      )
    }
  }

  /** False when nothing could be sent at all, and a pause is due. */
  const send = async (events: OutboxEvent[], signal: AbortSignal): Promise<boolean> => {
    const round: Round = { sent: [], failed: [], late: [], unknown: 0 }
    await reached('before-publish')
    // Aggregates side by side, the events of one in a row: if one fails, its later ones stay behind it.
    const aggregates = Map.groupBy(events, (event) => event.subject)
    await Promise.all(
      [...aggregates.values()].map(async (chain) => {
        for (const event of chain) {
          if (signal.aborted || !(await sendOne(event, round))) return
        }
      }),
    )
    await reached('before-delete')
    await removeSent(db, round.sent, countsOf)
    const lateAlone = round.sent.length > 0
    await parkAll(lateAlone ? [...round.failed, ...round.late] : round.failed)
    if (round.unknown + round.late.length > 0)
      logger.warn(
        { unconfirmed: round.unknown, late: round.late.length },
        'events without a confirm are sent again',
      )
    return round.sent.length + round.failed.length > 0
  }

  return { send }
}

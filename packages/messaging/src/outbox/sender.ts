import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Publisher } from '../connection/publisher.ts'
import type { Count } from '../counters.ts'
import { toMessage, type OutboxEvent } from '../envelope.ts'
import * as metrics from '../metrics.ts'
import { groupsFor, type Topology } from '../topology.ts'
import { park, removeSent } from './outbox-rows.ts'

/** The steps between which a crash hurts most; tests end the process there. */
export type SendStep = 'before-publish' | 'before-confirm' | 'before-delete'

interface Failure {
  event: OutboxEvent
  reason: string
}

interface Round {
  sent: OutboxEvent[]
  /** The events' own fault: parked at once, so that they cannot fill the next batch. */
  failed: Failure[]
  /** No confirm in time: their own fault only if others of the same round were confirmed. */
  late: Failure[]
  unknown: number
}

export const createSender = <DB>({
  db,
  publisher,
  topology,
  service,
  logger,
  onStep,
}: {
  db: Kysely<DB>
  publisher: Publisher
  topology: Topology
  service: string
  logger: Logger
  onStep: (step: SendStep) => Promise<void>
}) => {
  const countsOf = ({ type }: OutboxEvent): Count[] =>
    ['', ...groupsFor(topology, type)].map((group) => ({ kind: 'emitted', group, type, by: 1 }))

  const sendOne = async (event: OutboxEvent, round: Round): Promise<boolean> => {
    const { type } = event
    metrics.published.inc({ service, type })
    // Else the broker returns every event that nobody has to consume.
    const mandatory = topology.contracts.get(type)?.consumerOptional !== true
    const outcome = await publisher.publish({ ...toMessage(event, topology.exchange, service), mandatory })
    await onStep('before-confirm')
    switch (outcome.kind) {
      case 'confirmed':
        metrics.confirmed.inc({ service, type })
        round.sent.push(event)
        return true
      case 'returned':
        metrics.returned.inc({ service, type })
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
      // Without the subject: that of an internal event may be a secret.
      const { eventId, type, aggregateVersion, correlationId } = event
      logger.error(
        { eventId, type, aggregateVersion, correlationId, reason },
        'an event cannot be published; it is parked in the outbox with the later ones of its aggregate',
      )
    }
  }

  /** False when nothing could be sent at all and a pause is due. */
  const send = async (events: OutboxEvent[], signal: AbortSignal): Promise<boolean> => {
    const round: Round = { sent: [], failed: [], late: [], unknown: 0 }
    await onStep('before-publish')
    // Aggregates in parallel, the events of one in order: after a failure its later ones stay behind.
    const aggregates = Map.groupBy(events, (event) => event.subject)
    await Promise.all(
      [...aggregates.values()].map(async (chain) => {
        for (const event of chain) {
          if (signal.aborted || !(await sendOne(event, round))) return
        }
      }),
    )
    await onStep('before-delete')
    await removeSent(db, round.sent, countsOf)
    const othersWereConfirmed = round.sent.length > 0
    await parkAll(othersWereConfirmed ? [...round.failed, ...round.late] : round.failed)
    if (round.unknown + round.late.length > 0)
      logger.warn(
        { unconfirmed: round.unknown, late: round.late.length },
        'unconfirmed events are sent again',
      )
    return round.sent.length + round.failed.length > 0
  }

  return { send }
}

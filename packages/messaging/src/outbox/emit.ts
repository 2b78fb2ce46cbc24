import { afterCommit, beforeCommit, insertRows, newId } from '@storewright/database'
import type { Envelope, EventContract } from '@storewright/contracts'
import type { Transaction } from 'kysely'
import type { Static, TObject } from 'typebox'
import { currentCorrelation, type Correlation } from '../correlation.ts'
import { messagingTables } from '../tables.ts'
import { validationErrors } from '../validation.ts'
import { notifyRelays } from './outbox-notifier.ts'

/** Data that breaks its own contract: a bug of the emitter, found before anything is written. */
export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent'
}

interface Pending {
  event_id: string
  type: string
  subject: string
  correlation_id: string
  causation_id: string | null
  traceparent: string | null
  occurred_at: string
  data: string
  replay: 0 | 1
}

const pendingByTransaction = new WeakMap<object, Pending[]>()

// What the broker's short strings and the columns hold; request ids come from clients.
const HEADER_SAFE = /^[\x20-\x7e]{1,128}$/
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

const causeOf = (cause: Envelope | undefined): Correlation | undefined =>
  cause
    ? { correlationId: cause.correlationId, causationId: cause.id, traceparent: cause.traceparent }
    : currentCorrelation()

const subjectOf = <Data extends TObject>(Event: EventContract<Data>, data: Static<Data>) => {
  const subject = Event.subject(data)
  // Collations ignore trailing spaces; two aggregates would share one number.
  if (subject.length === 0 || subject.length > 191 || subject.trim() !== subject)
    throw new InvalidEvent(`${Event.type}: a subject has 1 to 191 characters and no spaces around it`)
  return subject
}

/**
 * `cause` is by default the request or event that is being handled; handlers of whole batches must name it. A `replay`
 * repeats the present state for those who keep a copy: the aggregate's row must be locked, and it takes no new number.
 */
export const emit = async <DB, Data extends TObject>(
  trx: Transaction<DB>,
  Event: EventContract<Data>,
  data: Static<Data>,
  { cause, replay = false }: { cause?: Envelope | undefined; replay?: boolean } = {},
): Promise<void> => {
  const errors = validationErrors(Event, data)
  if (errors.length > 0)
    throw new InvalidEvent(`${Event.type} does not fit its contract: ${errors.join('; ')}`)

  const { correlationId = '', causationId, traceparent = '' } = causeOf(cause) ?? {}
  const pending: Pending = {
    event_id: newId(),
    type: Event.type,
    subject: subjectOf(Event, data),
    correlation_id: HEADER_SAFE.test(correlationId) ? correlationId : newId(),
    causation_id: causationId !== undefined && HEADER_SAFE.test(causationId) ? causationId : null,
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : null,
    occurred_at: new Date().toISOString().replace('T', ' ').replace('Z', ''),
    data: JSON.stringify(data),
    replay: replay ? 1 : 0,
  }

  const buffered = pendingByTransaction.get(trx)
  if (buffered) buffered.push(pending)
  else {
    const first = [pending]
    beforeCommit(trx, () => flush(trx, first))
    afterCommit(trx, notifyRelays)
    pendingByTransaction.set(trx, first)
  }
}

const SUBJECTS_AT_ONCE = 500

const flush = async <DB>(trx: Transaction<DB>, pending: Pending[]) => {
  pendingByTransaction.delete(trx)
  const versions = await reserveVersions(trx, pending)
  await insertRows(
    messagingTables(trx),
    'outbox',
    pending.map((event) => ({ ...event, aggregate_version: versions(event) })),
  )
}

/** An aggregate that never emitted anything and is repeated takes the first number, which no other event may have. */
const numberReplayedFirst = async <DB>(trx: Transaction<DB>, subjects: string[]) => {
  if (subjects.length > 0)
    await messagingTables(trx)
      .updateTable('event_sequences')
      .set({ version: 1 })
      .where('subject', 'in', subjects)
      .execute()
}

/** Counts the aggregates up, and returns the version of each after that. */
const countUp = async <DB>(trx: Transaction<DB>, steps: readonly [subject: string, by: number][]) => {
  const { affected, insertId } = await insertRows(
    messagingTables(trx),
    'event_sequences',
    steps.map(([subject, version]) => ({ subject, version })),
    { onDuplicate: 'version = last_insert_id(version + values(version))' },
  )
  // What is known from the answer is not read again: all were new, or the version of the only one.
  if (affected === steps.length && steps.every(([, by]) => by > 0)) return steps
  const [[subject] = [''], ...others] = steps
  if (others.length === 0 && insertId !== undefined) return [[subject, Number(insertId)] as const]
  const rows = await messagingTables(trx)
    .selectFrom('event_sequences')
    .select(['subject', 'version'])
    .where(
      'subject',
      'in',
      steps.map(([one]) => one),
    )
    .execute()
  return rows.map((row) => [row.subject, Number(row.version)] as const)
}

/** Locked until the commit and in one order: numbers have no gaps and follow the outbox ids, transactions do not deadlock. */
const reserveVersions = async <DB>(trx: Transaction<DB>, pending: Pending[]) => {
  const wanted = new Map<string, number>()
  for (const { subject, replay } of pending) wanted.set(subject, (wanted.get(subject) ?? 0) + 1 - replay)
  const steps = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))

  const next = new Map<string, number>()
  for (let from = 0; from < steps.length; from += SUBJECTS_AT_ONCE) {
    const versions = await countUp(trx, steps.slice(from, from + SUBJECTS_AT_ONCE))
    for (const [subject, version] of versions) next.set(subject, version - wanted.get(subject)! + 1)
    await numberReplayedFirst(
      trx,
      versions.flatMap(([subject, version]) => (version === 0 ? subject : [])),
    )
  }
  return ({ subject, replay }: Pending) => {
    const version = next.get(subject)!
    if (replay) return Math.max(version - 1, 1)
    next.set(subject, version + 1)
    return version
  }
}

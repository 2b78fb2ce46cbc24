import { inTransaction, nowSql } from '@storewright/database'
import { sql, type Kysely } from 'kysely'
import { addCounts, type Count } from '../counters.ts'
import type { OutboxEvent } from '../envelope.ts'
import { messagingTables } from '../tables.ts'

/** What was sent is deleted: transactions commit out of order. Later events of an aggregate wait behind a parked one. */
export const listUnsent = async <DB>(db: Kysely<DB>, limit: number): Promise<OutboxEvent[]> => {
  const tables = messagingTables(db)
  return tables
    .selectFrom('outbox')
    .select([
      'id',
      'event_id as eventId',
      'type',
      'subject',
      'aggregate_version as aggregateVersion',
      'correlation_id as correlationId',
      'causation_id as causationId',
      'traceparent',
      // As text, because a JavaScript date cuts the microseconds.
      sql<string>`date_format(occurred_at, '%Y-%m-%dT%H:%i:%s.%fZ')`.as('time'),
      // As text from both servers; one of them would send it parsed.
      sql<string>`cast(data as char)`.as('data'),
      'replay',
    ])
    .where('parked_at', 'is', null)
    .where(
      'subject',
      'not in',
      tables.selectFrom('outbox').select('subject').where('parked_at', 'is not', null),
    )
    .orderBy('id')
    .limit(limit)
    .execute()
}

class SentByOtherRelay extends Error {}

const idsOf = (events: readonly OutboxEvent[]) => events.map((event) => event.id)

/** Deletes what the broker has confirmed and counts it as emitted, in one transaction. */
export const removeSent = async <DB>(
  db: Kysely<DB>,
  sent: readonly OutboxEvent[],
  countsOf: (event: OutboxEvent) => Count[],
): Promise<void> => {
  if (sent.length === 0) return
  const remove = (exactly: boolean) =>
    inTransaction(db, async (trx) => {
      const tables = messagingTables(trx)
      let present = sent
      if (exactly) {
        const rows = await tables
          .selectFrom('outbox')
          .select('id')
          .where('id', 'in', idsOf(sent))
          .forUpdate()
          .execute()
        const ids = new Set(rows.map((row) => row.id))
        present = sent.filter((event) => ids.has(event.id))
        if (present.length === 0) return
      }
      const { numDeletedRows } = await tables
        .deleteFrom('outbox')
        .where('id', 'in', idsOf(present))
        .executeTakeFirstOrThrow()
      if (Number(numDeletedRows) !== present.length) throw new SentByOtherRelay()
      await addCounts(trx, present.flatMap(countsOf))
    })
  try {
    await remove(false)
  } catch (error) {
    if (!(error instanceof SentByOtherRelay)) throw error
    // A relay that has just lost its leadership sent some of them too: count only what is still here.
    await remove(true)
  }
}

/** Parks events: they and the later ones of their aggregates wait for `retryParked` or an operator. */
export const park = async <DB>(
  db: Kysely<DB>,
  failures: readonly { event: OutboxEvent; reason: string }[],
) => {
  const byReason = Map.groupBy(failures, ({ reason }) => reason)
  for (const [reason, group] of byReason) {
    await messagingTables(db)
      .updateTable('outbox')
      .set({
        parked_at: nowSql,
        parked_reason: reason.slice(0, 500),
        attempts: sql<number>`attempts + 1`,
      })
      .where('id', 'in', idsOf(group.map(({ event }) => event)))
      .execute()
  }
}

/** After 2, 4, 8, … up to 60 s, a few at a time: a lasting failure does not crowd out what can be sent. */
export const retryParked = async <DB>(db: Kysely<DB>, limit: number): Promise<number> => {
  const { numUpdatedRows } = await messagingTables(db)
    .updateTable('outbox')
    .set({ parked_at: null })
    .where('parked_at', 'is not', null)
    .where(
      'parked_at',
      '<=',
      sql<Date>`utc_timestamp(6) - interval least(60, pow(2, least(attempts, 6))) second`,
    )
    .orderBy('parked_at')
    .limit(limit)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

export const outboxDepth = async <DB>(db: Kysely<DB>) => {
  const row = await messagingTables(db)
    .selectFrom('outbox')
    .select([
      sql<number>`count(*)`.as('all'),
      sql<number>`count(parked_at)`.as('parked'),
      sql<number | null>`timestampdiff(microsecond, min(occurred_at), utc_timestamp(6)) / 1000000`.as(
        'oldest',
      ),
    ])
    .executeTakeFirstOrThrow()
  return {
    waiting: Number(row.all) - Number(row.parked),
    parked: Number(row.parked),
    oldestSeconds: Number(row.oldest ?? 0),
  }
}

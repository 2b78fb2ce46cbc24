import { sql, type Kysely } from 'kysely'
import { notifyRelays } from '../outbox/outbox-notifier.ts'
import { messagingTables } from '../tables.ts'

const iso = (column: string) => sql<string>`date_format(${sql.ref(column)}, '%Y-%m-%dT%H:%i:%s.%fZ')`

export const summariseOutbox = async <DB>(db: Kysely<DB>) => {
  const byType = await messagingTables(db)
    .selectFrom('outbox')
    .select([
      'type',
      sql<number>`count(*) - count(parked_at)`.as('waiting'),
      sql<number>`count(parked_at)`.as('parked'),
      sql<string>`date_format(min(occurred_at), '%Y-%m-%dT%H:%i:%s.%fZ')`.as('oldestAt'),
    ])
    .groupBy('type')
    .orderBy('type')
    .execute()
  const types = byType.map(({ type, waiting, parked, oldestAt }) => ({
    type,
    waiting: Number(waiting),
    parked: Number(parked),
    oldestAt,
  }))
  return {
    waiting: types.reduce((sum, { waiting }) => sum + waiting, 0),
    parked: types.reduce((sum, { parked }) => sum + parked, 0),
    oldestAt: types.map(({ oldestAt }) => oldestAt).sort()[0] ?? null,
    byType: types,
  }
}

/** The events that the broker would not take, oldest first. The later ones of their aggregates wait behind them. */
export const listParkedEvents = async <DB>(db: Kysely<DB>, { limit = 100 }: { limit?: number } = {}) =>
  messagingTables(db)
    .selectFrom('outbox')
    .select([
      'event_id as eventId',
      'type',
      'subject',
      'aggregate_version as aggregateVersion',
      iso('occurred_at').as('occurredAt'),
      iso('parked_at').as('parkedAt'),
      'parked_reason as reason',
      'attempts',
    ])
    .where('parked_at', 'is not', null)
    .orderBy('id')
    .limit(limit)
    .execute()

export const unparkEvents = async <DB>(db: Kysely<DB>, eventIds: string[] | 'all'): Promise<number> => {
  if (eventIds.length === 0) return 0
  let update = messagingTables(db)
    .updateTable('outbox')
    .set({ parked_at: null, attempts: 0 })
    .where('parked_at', 'is not', null)
  if (eventIds !== 'all') update = update.where('event_id', 'in', eventIds)
  const { numUpdatedRows } = await update.executeTakeFirstOrThrow()
  notifyRelays()
  return Number(numUpdatedRows)
}

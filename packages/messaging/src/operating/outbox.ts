import { sql, type Kysely } from 'kysely'
import { wakeRelays } from '../relaying/wake.ts'
import { ownTablesOf } from '../tables.ts'

const iso = (column: string) => sql<string>`date_format(${sql.ref(column)}, '%Y-%m-%dT%H:%i:%s.%fZ')`

/** What waits in an outbox, and since when. */
export const outboxSummary = async <DB>(db: Kysely<DB>) => {
  const byType = await ownTablesOf(db)
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

/** The events that the broker would not take, oldest first; the later ones of their aggregates wait behind them. */
export const listParked = async <DB>(db: Kysely<DB>, { limit = 100 }: { limit?: number } = {}) =>
  ownTablesOf(db)
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

/** Lets parked events go out again at once; gives their number. */
export const unpark = async <DB>(db: Kysely<DB>, eventIds: string[] | 'all'): Promise<number> => {
  if (eventIds.length === 0) return 0
  let update = ownTablesOf(db)
    .updateTable('outbox')
    .set({ parked_at: null, attempts: 0 })
    .where('parked_at', 'is not', null)
  if (eventIds !== 'all') update = update.where('event_id', 'in', eventIds)
  const { numUpdatedRows } = await update.executeTakeFirstOrThrow()
  wakeRelays()
  return Number(numUpdatedRows)
}

// What the operators' audit reads of the messaging tables, in one snapshot and with rights to read only.
import { secondsAgo } from '@storewright/database'
import type { Kysely } from 'kysely'
import { messagingTables } from '../tables.ts'

/** Invariant 6: the outbox drains. A parked event never leaves it by itself. */
export const outboxInvariant = <DB>(
  db: Kysely<DB>,
  { service, settled, withinSeconds }: { service: string; settled: boolean; withinSeconds: number },
) => {
  const events = messagingTables(db).selectFrom('outbox').select('event_id as id')
  return {
    invariant: 6,
    what: `${service}: the outbox drains`,
    rows: events,
    breaches: settled
      ? events
      : events.where((eb) =>
          eb.or([
            eb('parked_at', 'is not', null),
            eb('occurred_at', '<', secondsAgo(withinSeconds).$castTo<string>()),
          ]),
        ),
  }
}

export const countUnpublished = async <DB>(db: Kysely<DB>): Promise<number> => {
  const { waiting } = await messagingTables(db)
    .selectFrom('outbox')
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .where('parked_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(waiting)
}

/** How many events of each type a service emitted for each group, and what its own groups did with theirs. */
export const countEvents = <DB>(db: Kysely<DB>) =>
  messagingTables(db)
    .selectFrom('event_counters')
    .select(({ fn }) => ['kind', 'consumer_group as group', 'type', fn.sum<number>('count').as('total')])
    .groupBy(['kind', 'consumer_group', 'type'])
    .execute()

export const consumedWithin = async <DB>(db: Kysely<DB>, group: string, seconds: number): Promise<boolean> =>
  (await messagingTables(db)
    .selectFrom('inbox')
    .select('event_id')
    .where('consumer_group', '=', group)
    .where('recorded_at', '>=', secondsAgo(seconds))
    .limit(1)
    .executeTakeFirst()) !== undefined

import { nowSql } from '@storewright/database'
import { sql, type Kysely, type Transaction } from 'kysely'
import { messagingTables } from '../tables.ts'

/** The oldest rebuild that has not ended: one at a time, so that their sum does not hold up other events. */
export const findOpenRebuild = <DB>(db: Kysely<DB>) =>
  messagingTables(db)
    .selectFrom('rebuilds')
    .select(['id', 'name'])
    .where('finished_at', 'is', null)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()

/** Locks it until the batch commits; undefined where another replica is at it or it has ended. */
export const lockRebuild = <DB>(trx: Transaction<DB>, id: string) =>
  messagingTables(trx)
    .selectFrom('rebuilds')
    .select(['id', 'skus', 'after_key as after'])
    .where('id', '=', id)
    .where('finished_at', 'is', null)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()

export const recordProgress = <DB>(
  trx: Transaction<DB>,
  id: string,
  { emitted, after, finished }: { emitted: number; after: string | undefined; finished: boolean },
) =>
  messagingTables(trx)
    .updateTable('rebuilds')
    .set({
      ...(after === undefined ? {} : { after_key: after }),
      emitted: sql<number>`emitted + ${emitted}`,
      failures: 0,
      error: null,
      ...(finished ? { finished_at: nowSql } : {}),
    })
    .where('id', '=', id)
    .execute()

/** Counts a failure; the one that is `last` ends the rebuild. */
export const recordFailure = <DB>(db: Kysely<DB>, id: string, message: string, last: number) =>
  messagingTables(db)
    .updateTable('rebuilds')
    .set({
      // Before `failures`, because the columns are assigned in this order.
      finished_at: sql<Date | null>`if(failures + 1 >= ${last}, ${nowSql}, null)`,
      failures: sql<number>`failures + 1`,
      error: message.slice(0, 500),
    })
    .where('id', '=', id)
    .where('finished_at', 'is', null)
    .execute()

/** How many events wait to be published, counted up to `most`. */
export const countWaiting = async <DB>(db: Kysely<DB>, most: number): Promise<number> => {
  const rows = await messagingTables(db)
    .selectFrom('outbox')
    .select('id')
    .where('parked_at', 'is', null)
    .limit(most)
    .execute()
  return rows.length
}

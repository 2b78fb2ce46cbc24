import { sql } from 'kysely'
import type { Db } from '@storewright/database'
import type { Database } from '../src/database.ts'

/** How many of the events have taken effect, or are given up. */
export const countSettled = async (db: Db<Database>, eventIds: readonly string[]) => {
  const { rows } = await sql<{ settled: number }>`
    select count(*) as settled from inbox
    where event_id in (${sql.join(eventIds)}) and state in ('applied', 'dead')`.execute(db)
  return rows[0]?.settled ?? 0
}

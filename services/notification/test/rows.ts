import { sql } from 'kysely'
import type { Db } from '../src/database.ts'

/** How many of the events have taken effect, or are given up. */
export const countSettled = async (db: Db, eventIds: readonly string[]) => {
  const { rows } = await sql<{ settled: number }>`
    select count(*) as settled from inbox
    where event_id in (${sql.join(eventIds)}) and state in ('applied', 'dead')`.execute(db)
  return Number(rows[0]?.settled ?? 0)
}

export const listMessages = (db: Db, userId: string) =>
  db.selectFrom('messages').selectAll().where('user_id', '=', userId).orderBy('id').execute()

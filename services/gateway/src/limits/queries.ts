import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** Adds points to the window of a key, or begins one, and returns their sum: one statement, whose insert id it is. */
export const takePoints = async (
  db: Db,
  { key, points, now, endsAt }: { key: string; points: number; now: number; endsAt: number },
): Promise<number> => {
  const { insertId } = await sql`
    insert into rate_limits (name, taken, ends_at) values (${key}, last_insert_id(${points}), ${endsAt})
    on duplicate key update
      taken = last_insert_id(if(ends_at <= ${now}, ${points}, taken + ${points})),
      ends_at = if(ends_at <= ${now}, ${endsAt}, ends_at)
  `.execute(db)
  return Number(insertId)
}

/** When the window of a key ends; undefined where it has none. */
export const findEnd = async (db: Db, key: string): Promise<number | undefined> => {
  const row = await db
    .selectFrom('rate_limits')
    .select('ends_at as endsAt')
    .where('name', '=', key)
    .executeTakeFirst()
  return row && Number(row.endsAt)
}

export const deleteEnded = async (db: Db, now: number): Promise<void> => {
  await db.deleteFrom('rate_limits').where('ends_at', '<=', now).limit(10_000).execute()
}

import { sql } from 'kysely'
import type { Db } from '../database.ts'

/**
 * Adds points to a name's window and says what they come to; the first of a window begins it. One statement and one
 * round trip, between which nobody can come: the sum comes back as its insert id.
 */
export const takePoints = async (
  db: Db,
  { name, points, now, endsAt }: { name: string; points: number; now: number; endsAt: number },
): Promise<number> => {
  const { insertId } = await sql`
    insert into rate_limits (name, taken, ends_at) values (${name}, last_insert_id(${points}), ${endsAt})
    on duplicate key update
      taken = last_insert_id(if(ends_at <= ${now}, ${points}, taken + ${points})),
      ends_at = if(ends_at <= ${now}, ${endsAt}, ends_at)
  `.execute(db)
  return Number(insertId)
}

/** When a name's window ends; undefined where it has none. */
export const findEnd = async (db: Db, name: string): Promise<number | undefined> => {
  const row = await db
    .selectFrom('rate_limits')
    .select('ends_at as endsAt')
    .where('name', '=', name)
    .executeTakeFirst()
  return row && Number(row.endsAt)
}

/** Deletes windows that have ended, a bounded number at a time. */
export const deleteEnded = async (db: Db, now: number): Promise<void> => {
  await db.deleteFrom('rate_limits').where('ends_at', '<=', now).limit(10_000).execute()
}

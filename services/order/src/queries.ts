import { sql } from 'kysely'
import type { Db } from './database.ts'

/** Resolves when the database answers. */
export const pingDatabase = async (db: Db) => {
  await sql`select 1`.execute(db)
}

import { sql } from 'kysely'
import type { Db } from '@storewright/database'
import type { Database } from './database.ts'

/** Resolves when the database answers. */
export const pingDatabase = async (db: Db<Database>) => {
  await sql`select 1`.execute(db)
}

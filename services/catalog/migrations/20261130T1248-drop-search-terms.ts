import type { Kysely } from 'kysely'

// Searches read the tables of words since then.
export const up = (db: Kysely<unknown>) => db.schema.dropTable('search_terms').ifExists().execute()

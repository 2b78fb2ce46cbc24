import { sql, type Kysely } from 'kysely'

// A price for each currency, in place of the one in three columns.
export const up = (db: Kysely<unknown>) =>
  sql`alter table variants add column prices json null after attributes`.execute(db)

import { sql, type Kysely } from 'kysely'

// What a step is about, for programs; the steps of before have their summary only.
export const up = (db: Kysely<unknown>) =>
  sql`alter table order_timeline add column data json null`.execute(db)

import { sql, type Kysely } from 'kysely'

// Since when the person is gone from the order.
export const up = (db: Kysely<unknown>) =>
  sql`alter table orders add column erased_at datetime(6) null`.execute(db)

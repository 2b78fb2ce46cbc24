import { sql, type Kysely } from 'kysely'

// The product's own categories, [] until it is heard of again.
export const up = (db: Kysely<unknown>) =>
  sql`alter table offers add column category_ids json null after prices`.execute(db)

import { sql, type Kysely } from 'kysely'

// Of one unit, packed; null where the catalogue does not know it.
export const up = (db: Kysely<unknown>) =>
  sql`alter table offers add column weight_grams int unsigned null after category_ids`.execute(db)

import { sql, type Kysely } from 'kysely'

// Of one unit, packed, for shipping by weight; null where nobody has stated it.
export const up = (db: Kysely<unknown>) =>
  sql`alter table variants add column weight_grams int unsigned null after prices,
    add key variants_weighed (weight_grams)`.execute(db)

import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`alter table variants
    drop constraint variants_price,
    drop column price_minor,
    drop column currency,
    drop column lowest_before_minor,
    modify column prices json not null`.execute(db)

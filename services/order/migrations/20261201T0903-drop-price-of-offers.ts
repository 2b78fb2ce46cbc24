import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`alter table offers
    drop constraint offers_price_not_negative,
    drop column price_minor,
    drop column currency,
    modify column prices json not null`.execute(db)

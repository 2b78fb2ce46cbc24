import { sql, type Kysely } from 'kysely'

// The history of one currency has an index of its own: others do not lengthen its pages.
export const up = (db: Kysely<unknown>) =>
  sql`alter table price_history
    add column compare_at_minor bigint null after lowest_before_minor,
    add column removed tinyint unsigned not null default 0 after compare_at_minor,
    add key price_history_by_currency (sku, currency, id),
    drop key price_history_by_time`.execute(db)

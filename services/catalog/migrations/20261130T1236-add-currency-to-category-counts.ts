import { sql, type Kysely } from 'kysely'

// Per currency, and with '' whatever the currency. Category '' is the whole shop.
export const up = (db: Kysely<unknown>) =>
  sql`alter table category_counts
    add column currency char(3) character set ascii collate ascii_bin not null default '' after category_id,
    drop primary key,
    add primary key (category_id, currency, shard)`.execute(db)

import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table promotion_customer_uses (
    promotion_id char(36) character set ascii collate ascii_bin not null,
    customer_key char(64) character set ascii collate ascii_bin not null,
    used int unsigned not null,
    allowed int unsigned not null,
    primary key (promotion_id, customer_key),
    constraint promotion_customer_uses_within_limit check (used <= allowed)
  )`.execute(db)

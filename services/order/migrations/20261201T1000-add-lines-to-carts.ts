import { sql, type Kysely } from 'kysely'

// A cart is one row, so that a change is one guarded update. The deadlines move seldom: their indexes cost little.
export const up = (db: Kysely<unknown>) =>
  sql`alter table carts
    add column \`lines\` json null,
    add column codes json null,
    add column country char(2) character set ascii collate ascii_bin null,
    add column postal_code varchar(20) character set utf8mb4 null,
    add column shipping_method varchar(64) character set utf8mb4 collate utf8mb4_bin null,
    add column active_key varchar(40) character set ascii collate ascii_bin null,
    add column expires_at datetime(6) null,
    add column activity_due_at datetime(6) null,
    add column abandon_due_at datetime(6) null,
    add column abandoned_at datetime(6) null`.execute(db)

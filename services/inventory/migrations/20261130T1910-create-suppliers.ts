import { sql, type Kysely } from 'kysely'

// A deleted supplier stays, since orders of the past name it.
export const up = (db: Kysely<unknown>) =>
  sql`create table suppliers (
    id char(36) character set ascii collate ascii_bin not null primary key,
    name varchar(100) character set utf8mb4 not null,
    lead_time_days smallint unsigned not null,
    pack_sizes json not null,
    version int unsigned not null default 1,
    deleted tinyint unsigned not null default 0,
    created_at datetime(6) not null,
    updated_at datetime(6) not null,
    key suppliers_by_id (deleted, id)
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table shipping_zones (
    id char(36) character set ascii collate ascii_bin not null primary key,
    name varchar(100) character set utf8mb4 not null,
    methods json not null,
    version int unsigned not null default 1,
    created_at datetime(6) not null,
    updated_at datetime(6) not null
  )`.execute(db)

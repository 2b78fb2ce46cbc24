import { sql, type Kysely } from 'kysely'

// What happened to an account and by it: append-only, read newest first. `id` is a UUIDv7 and orders by time.
export const up = (db: Kysely<unknown>) =>
  sql`create table activity (
    id char(36) character set ascii collate ascii_bin not null primary key,
    user_id char(36) character set ascii collate ascii_bin not null,
    type varchar(64) character set ascii collate ascii_bin not null,
    at datetime(6) not null,
    by_user_id char(36) character set ascii collate ascii_bin null,
    address varchar(45) character set ascii collate ascii_bin null,
    device varchar(300) character set utf8mb4 null,
    details json null,
    key activity_by_user (user_id, id)
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// Who asked for a password reset and was not answered yet, with an account or without: the same row for both, so
// that the time of the answer tells nothing.
export const up = (db: Kysely<unknown>) =>
  sql`create table reset_requests (
    email_hash char(64) character set ascii collate ascii_bin not null primary key,
    email varchar(254) character set utf8mb4 collate utf8mb4_bin not null,
    asked_at datetime(6) not null,
    address varchar(45) character set ascii collate ascii_bin null,
    device varchar(300) character set utf8mb4 null,
    key reset_requests_by_age (asked_at)
  )`.execute(db)

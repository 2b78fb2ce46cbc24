import { sql, type Kysely } from 'kysely'

// Keyed by the e-mail's hash and not by account, so that an address without an account locks just the same.
export const up = (db: Kysely<unknown>) =>
  sql`create table login_failures (
    email_hash char(64) character set ascii collate ascii_bin not null primary key,
    failures int unsigned not null,
    last_failed_at datetime(6) not null,
    locked_until datetime(6) null,
    key login_failures_by_age (last_failed_at)
  )`.execute(db)

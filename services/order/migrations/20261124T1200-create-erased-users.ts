import { sql, type Kysely } from 'kysely'

// Who is to be forgotten, for good: an order placed with a token of theirs that is still good must not bring them back.
export const up = (db: Kysely<unknown>) =>
  sql`create table erased_users (
    user_id char(36) character set ascii collate ascii_bin not null primary key,
    erasure_id char(36) character set ascii collate ascii_bin not null,
    erased_at datetime(6) not null,
    records int unsigned not null default 0
  )`.execute(db)

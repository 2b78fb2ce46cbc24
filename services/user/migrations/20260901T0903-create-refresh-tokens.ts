import { sql, type Kysely } from 'kysely'

// Spent tokens stay until their session goes: a spent one that turns up again is how theft is noticed.
export const up = (db: Kysely<unknown>) =>
  sql`create table refresh_tokens (
    token_hash char(64) character set ascii collate ascii_bin not null primary key,
    session_id char(36) character set ascii collate ascii_bin not null,
    created_at datetime(6) not null,
    spent_at datetime(6) null,
    key refresh_tokens_by_session (session_id),
    key refresh_tokens_by_spending (spent_at),
    constraint refresh_tokens_of_session foreign key (session_id) references sessions (id) on delete cascade
  )`.execute(db)

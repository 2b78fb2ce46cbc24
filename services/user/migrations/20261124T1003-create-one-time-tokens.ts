import { sql, type Kysely } from 'kysely'

// One live token per account and purpose: a new one takes the old one's place. `email` is the mailbox it went to.
export const up = (db: Kysely<unknown>) =>
  sql`create table one_time_tokens (
    user_id char(36) character set ascii collate ascii_bin not null,
    purpose varchar(16) character set ascii collate ascii_bin not null,
    token_hash char(64) character set ascii collate ascii_bin not null,
    email varchar(254) character set utf8mb4 collate utf8mb4_bin not null,
    created_at datetime(6) not null,
    expires_at datetime(6) not null,
    primary key (user_id, purpose),
    key one_time_tokens_by_expiry (expires_at),
    constraint one_time_tokens_once unique (token_hash),
    constraint one_time_tokens_purpose_known check (purpose in ('email', 'password')),
    constraint one_time_tokens_of_user foreign key (user_id) references users (id)
  )`.execute(db)

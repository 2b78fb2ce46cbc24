import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table sessions (
    id char(36) character set ascii collate ascii_bin not null primary key,
    user_id char(36) character set ascii collate ascii_bin not null,
    created_at datetime(6) not null,
    last_used_at datetime(6) not null,
    expires_at datetime(6) not null,
    revoked_at datetime(6) null,
    key sessions_by_user (user_id),
    key sessions_by_expiry (expires_at),
    constraint sessions_of_user foreign key (user_id) references users (id)
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// Where the session was last used from, so that its owner can tell it from others.
export const up = (db: Kysely<unknown>) =>
  sql`alter table sessions
    add column address varchar(45) character set ascii collate ascii_bin null,
    add column device varchar(300) character set utf8mb4 null,
    add key sessions_open_by_user (user_id, revoked_at, id)`.execute(db)

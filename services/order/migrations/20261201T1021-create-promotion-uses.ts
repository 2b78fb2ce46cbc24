import { sql, type Kysely } from 'kysely'

// `allowed` is the limit under which the promotion was last used: a limit that is lowered later takes nothing back.
export const up = (db: Kysely<unknown>) =>
  sql`create table promotion_uses (
    promotion_id char(36) character set ascii collate ascii_bin not null primary key,
    used int unsigned not null,
    allowed int unsigned not null,
    constraint promotion_uses_within_limit check (used <= allowed)
  )`.execute(db)

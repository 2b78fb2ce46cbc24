import { sql, type Kysely } from 'kysely'

// An erased account keeps its id, and nothing of the person. `version` is the ETag.
export const up = (db: Kysely<unknown>) =>
  sql`alter table users
    add column status varchar(16) character set ascii collate ascii_bin not null default 'active',
    add column email_verified_at datetime(6) null,
    add column version int unsigned not null default 1,
    add constraint users_status_known check (status in ('active', 'disabled', 'erased'))`.execute(db)

import { sql, type Kysely } from 'kysely'

// `id` is random and a secret: whoever has it reads how far the erasure is, and nothing else.
export const up = (db: Kysely<unknown>) =>
  sql`create table erasures (
    id char(36) character set ascii collate ascii_bin not null primary key,
    user_id char(36) character set ascii collate ascii_bin not null,
    requested_by varchar(10) character set ascii collate ascii_bin not null,
    requested_at datetime(6) not null,
    completed_at datetime(6) null,
    constraint erasures_once unique (user_id),
    constraint erasures_requested_by_known check (requested_by in ('owner', 'staff'))
  )`.execute(db)

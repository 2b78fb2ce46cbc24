import { sql, type Kysely } from 'kysely'

// Append-only: who relies on a consent has to show when it was given, also after it was withdrawn.
export const up = (db: Kysely<unknown>) =>
  sql`create table consents (
    id char(36) character set ascii collate ascii_bin not null primary key,
    user_id char(36) character set ascii collate ascii_bin not null,
    purpose varchar(20) character set ascii collate ascii_bin not null,
    given boolean not null,
    at datetime(6) not null,
    key consents_of_user (user_id, id),
    constraint consents_purpose_known check (purpose in ('marketing', 'tracking'))
  )`.execute(db)

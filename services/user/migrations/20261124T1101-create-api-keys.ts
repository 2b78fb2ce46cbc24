import { sql, type Kysely } from 'kysely'

// Only the hash of a key's secret is here. A revoked key stays: what it did can still be told.
export const up = (db: Kysely<unknown>) =>
  sql`create table api_keys (
    id char(36) character set ascii collate ascii_bin not null primary key,
    name varchar(100) character set utf8mb4 not null,
    secret_hash char(64) character set ascii collate ascii_bin not null,
    permissions json not null,
    created_by char(36) character set ascii collate ascii_bin not null,
    created_at datetime(6) not null,
    expires_at datetime(6) not null,
    last_used_at datetime(6) null,
    revoked_at datetime(6) null,
    key api_keys_by_revocation (revoked_at, id),
    key api_keys_of_creator (created_by, revoked_at),
    constraint api_keys_of_user foreign key (created_by) references users (id)
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// private_jwk is null where the environment gave the key: then only what others need to verify is kept.
export const up = (db: Kysely<unknown>) =>
  sql`create table signing_keys (
    kid varchar(64) character set ascii collate ascii_bin not null primary key,
    alg varchar(16) character set ascii collate ascii_bin not null,
    public_jwk json not null,
    private_jwk json null,
    created_at datetime(6) not null,
    expires_at datetime(6) null
  )`.execute(db)

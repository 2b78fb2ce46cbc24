import { sql, type Kysely } from 'kysely'

// Not kysely's builder: the collation makes `email` compare byte by byte, as the normal form wants it.
export const up = (db: Kysely<unknown>) =>
  sql`create table users (
    id char(36) character set ascii collate ascii_bin not null primary key,
    email varchar(254) character set utf8mb4 collate utf8mb4_bin not null,
    name varchar(200) character set utf8mb4 null,
    password_hash varchar(100) character set ascii collate ascii_bin not null,
    created_at datetime(6) not null,
    constraint users_email_once unique (email)
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// How to reach account holders, as the user service states it.
export const up = (db: Kysely<unknown>) =>
  sql`create table account_contacts (
    user_id char(36) character set ascii collate ascii_bin not null primary key,
    version bigint unsigned not null,
    email varchar(254) character set utf8mb4 collate utf8mb4_bin not null,
    name varchar(200) character set utf8mb4 null,
    locale varchar(35) character set ascii null,
    tax_exempt boolean not null
  )`.execute(db)

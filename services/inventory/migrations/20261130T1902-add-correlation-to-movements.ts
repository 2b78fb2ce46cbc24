import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`alter table movements
    add column correlation_id varchar(128) character set utf8mb4 collate utf8mb4_bin null`.execute(db)

import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table stock_statuses (
    sku varchar(64) character set ascii collate ascii_bin not null primary key,
    version bigint unsigned not null,
    status varchar(20) character set ascii collate ascii_bin not null,
    available bigint unsigned not null
  )`.execute(db)

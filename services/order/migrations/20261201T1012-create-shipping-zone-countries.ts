import { sql, type Kysely } from 'kysely'

// A country is in one zone at most; `*` stands for all that are in none.
export const up = (db: Kysely<unknown>) =>
  sql`create table shipping_zone_countries (
    country varchar(2) character set ascii collate ascii_bin not null primary key,
    zone_id char(36) character set ascii collate ascii_bin not null,
    key shipping_zone_countries_of_zone (zone_id, country)
  )`.execute(db)

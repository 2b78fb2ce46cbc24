import { sql, type Kysely } from 'kysely'

// One row that counts up with whatever carts are priced by, so that a replica reads it all again only then. With 0 the
// shop has never had a shipping zone.
export const up = (db: Kysely<unknown>) =>
  sql`create table pricing_versions (
    id tinyint unsigned not null primary key,
    version bigint unsigned not null default 0
  ) as select 1 as id, 0 as version`.execute(db)

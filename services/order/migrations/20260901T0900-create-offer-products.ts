import { sql, type Kysely } from 'kysely'

// The newest state seen of each product: an older one that arrives late changes nothing.
export const up = (db: Kysely<unknown>) =>
  sql`create table offer_products (
    product_id char(36) character set ascii collate ascii_bin not null primary key,
    version bigint unsigned not null
  )`.execute(db)

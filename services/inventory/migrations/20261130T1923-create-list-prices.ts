import { sql, type Kysely } from 'kysely'

// A copy of the catalog's prices, minor units by currency. Prices of withdrawn SKUs stay: what is in stock has a value.
export const up = (db: Kysely<unknown>) =>
  sql`create table list_prices (
    sku varchar(64) character set ascii collate ascii_bin not null primary key,
    product_id char(36) character set ascii collate ascii_bin not null,
    version bigint unsigned not null,
    prices json not null
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// SKUs compare byte by byte; the default collation takes "abc" and "ABC " for equal.
export const up = (db: Kysely<unknown>) =>
  sql`create table offers (
    sku varchar(64) character set ascii collate ascii_bin not null primary key,
    product_id char(36) character set ascii collate ascii_bin not null,
    product_version bigint unsigned not null,
    name varchar(600) character set utf8mb4 not null,
    price_minor bigint not null,
    currency char(3) character set ascii collate ascii_bin not null,
    on_sale boolean not null,
    key offers_by_product (product_id),
    constraint offers_price_not_negative check (price_minor >= 0)
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// `open_sku` is the SKU while some of the line is still to come, null afterwards; `automatic_sku` is the same on an
// automatic order, and its unique key keeps two of them from being open for one SKU and location.
export const up = (db: Kysely<unknown>) =>
  sql`create table purchase_order_lines (
    order_id char(36) character set ascii collate ascii_bin not null,
    sku varchar(64) character set ascii collate ascii_bin not null,
    location_id int unsigned not null,
    ordered int unsigned not null,
    received int unsigned not null default 0,
    open_sku varchar(64) character set ascii collate ascii_bin null,
    automatic_sku varchar(64) character set ascii collate ascii_bin null,
    primary key (order_id, sku, location_id),
    key purchase_order_lines_by_sku (sku, order_id),
    key purchase_order_lines_open (open_sku, location_id),
    constraint purchase_order_lines_automatic_once unique (automatic_sku, location_id),
    constraint purchase_order_lines_order_something check (ordered > 0),
    constraint purchase_order_lines_not_over check (received <= ordered)
  )`.execute(db)

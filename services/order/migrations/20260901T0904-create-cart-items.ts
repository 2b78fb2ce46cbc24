import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table cart_items (
    cart_id char(36) character set ascii collate ascii_bin not null,
    sku varchar(64) character set ascii collate ascii_bin not null,
    position int unsigned not null,
    quantity int unsigned not null,
    added_price_minor bigint not null,
    added_at datetime(6) not null,
    primary key (cart_id, sku),
    constraint cart_items_quantity check (quantity >= 1)
  )`.execute(db)

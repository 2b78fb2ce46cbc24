import { sql, type Kysely } from 'kysely'

// `shipped_quantity` counts what shipments have claimed; a shipment that fails gives its part back.
export const up = (db: Kysely<unknown>) =>
  sql`create table order_lines (
    order_id char(36) character set ascii collate ascii_bin not null,
    position int unsigned not null,
    id char(36) character set ascii collate ascii_bin not null,
    sku varchar(64) character set ascii collate ascii_bin not null,
    name varchar(600) character set utf8mb4 not null,
    quantity int unsigned not null,
    unit_price_minor bigint not null,
    discount_minor bigint not null default 0,
    tax_minor bigint not null default 0,
    total_minor bigint not null,
    shipped_quantity int unsigned not null default 0,
    primary key (order_id, position),
    constraint order_lines_total_adds_up check
      (total_minor = quantity * unit_price_minor - discount_minor + tax_minor),
    constraint order_lines_ship_what_was_ordered check (shipped_quantity <= quantity),
    constraint order_lines_quantity check (quantity >= 1)
  )`.execute(db)

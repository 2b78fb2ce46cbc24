import { sql, type Kysely } from 'kysely'

// One per SKU and location, written only while the SKU's stock is locked. `reorder_point` and `reorder_quantity` of a
// computed rule are null until the first suggestion.
export const up = (db: Kysely<unknown>) =>
  sql`create table reorder_rules (
    sku varchar(64) character set ascii collate ascii_bin not null,
    location_id int unsigned not null,
    policy varchar(8) character set ascii collate ascii_bin not null,
    reorder_point int unsigned null,
    reorder_quantity int unsigned null,
    up_to int unsigned null,
    automatic tinyint unsigned not null,
    supplier_id char(36) character set ascii collate ascii_bin null,
    lead_time_days smallint unsigned null,
    low_stock_threshold int unsigned null,
    version int unsigned not null default 1,
    created_at datetime(6) not null,
    updated_at datetime(6) not null,
    primary key (sku, location_id),
    key reorder_rules_of_supplier (supplier_id),
    constraint reorder_rules_policy_known check (policy in ('fixed', 'up_to', 'computed')),
    constraint reorder_rules_make_sense check (up_to is null or reorder_point is null or reorder_point < up_to)
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// What the ledger suggests for each SKU and location; location 0 is all of them together. `abc` is of the SKU as a whole.
export const up = (db: Kysely<unknown>) =>
  sql`create table suggestions (
    sku varchar(64) character set ascii collate ascii_bin not null,
    location_id int unsigned not null,
    window_days smallint unsigned not null,
    units_sold bigint unsigned not null,
    per_day double not null,
    deviation double not null,
    on_hand bigint unsigned not null,
    available bigint unsigned not null,
    days_of_cover double,
    lead_time_days smallint unsigned not null,
    safety_stock int unsigned not null,
    reorder_point int unsigned not null,
    economic_quantity int unsigned,
    reorder_quantity int unsigned not null,
    yearly_value bigint unsigned not null,
    abc char(1) character set ascii collate ascii_bin not null,
    stock_state varchar(4) character set ascii collate ascii_bin,
    slow tinyint unsigned not null,
    computed_at datetime(6) not null,
    primary key (sku, location_id),
    key suggestions_by_location (location_id, sku),
    key suggestions_by_class (location_id, abc, sku),
    key suggestions_by_slow (location_id, slow, sku),
    key suggestions_by_value (location_id, yearly_value, sku)
  )`.execute(db)

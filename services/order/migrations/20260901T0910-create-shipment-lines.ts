import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table shipment_lines (
    shipment_id char(36) character set ascii collate ascii_bin not null,
    position int unsigned not null,
    sku varchar(64) character set ascii collate ascii_bin not null,
    quantity int unsigned not null,
    primary key (shipment_id, position),
    constraint shipment_lines_quantity check (quantity >= 1)
  )`.execute(db)

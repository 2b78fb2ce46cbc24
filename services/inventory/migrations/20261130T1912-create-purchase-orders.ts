import { sql, type Kysely } from 'kysely'

// `seq` makes the number that people use. `expected_at` is when it was submitted plus the supplier's lead time.
export const up = (db: Kysely<unknown>) =>
  sql`create table purchase_orders (
    id char(36) character set ascii collate ascii_bin not null primary key,
    seq bigint unsigned not null auto_increment,
    status varchar(16) character set ascii collate ascii_bin not null,
    automatic tinyint unsigned not null,
    supplier_id char(36) character set ascii collate ascii_bin null,
    created_by char(36) character set ascii collate ascii_bin null,
    version int unsigned not null default 1,
    created_at datetime(6) not null,
    submitted_at datetime(6) null,
    expected_at datetime(6) null,
    ended_at datetime(6) null,
    updated_at datetime(6) not null,
    constraint purchase_orders_seq unique (seq),
    key purchase_orders_by_status (status, id),
    key purchase_orders_of_supplier (supplier_id, id),
    constraint purchase_orders_status_known check
      (status in ('draft', 'submitted', 'partly_received', 'received', 'cancelled'))
  ) auto_increment = 100001`.execute(db)

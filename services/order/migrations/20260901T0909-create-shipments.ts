import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table shipments (
    id char(36) character set ascii collate ascii_bin not null primary key,
    order_id char(36) character set ascii collate ascii_bin not null,
    status varchar(10) character set ascii collate ascii_bin not null,
    reason varchar(100) character set utf8mb4 null,
    carrier varchar(100) character set utf8mb4 not null,
    tracking_number varchar(100) character set utf8mb4 not null,
    amount_minor bigint not null,
    created_at datetime(6) not null,
    shipped_at datetime(6) null,
    key shipments_of_order (order_id),
    constraint shipments_status_known check (status in ('capturing', 'shipped', 'failed'))
  )`.execute(db)

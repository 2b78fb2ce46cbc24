import { sql, type Kysely } from 'kysely'

// Money that staff recorded as received of manual payments: an invoice that was paid, cash on delivery.
export const up = (db: Kysely<unknown>) =>
  sql`create table payment_receipts (
    id char(36) character set ascii collate ascii_bin not null primary key,
    order_id char(36) character set ascii collate ascii_bin not null,
    amount_minor bigint not null,
    currency char(3) character set ascii collate ascii_bin not null,
    reference varchar(100) character set utf8mb4 null,
    received_at datetime(6) not null,
    recorded_at datetime(6) not null,
    recorded_by char(36) character set ascii collate ascii_bin not null,
    key payment_receipts_of_order (order_id, id),
    constraint payment_receipts_amount check (amount_minor > 0)
  )`.execute(db)

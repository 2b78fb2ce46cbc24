import { sql, type Kysely } from 'kysely'

// Copies of what a rule wants beside what it is compared with: a change of stock reads and writes one row. The threshold
// is null where the shop's holds; `reorder_state` is set exactly while an automatic rule's point is reached: `due` until
// the job has looked at it, `ordered` while a purchase order is open.
export const up = (db: Kysely<unknown>) =>
  sql`alter table stock
    add column low_stock_threshold int unsigned null,
    add column alert varchar(8) character set ascii collate ascii_bin null,
    add column alerted_at datetime(6) null,
    add column reorder_point int unsigned null,
    add column reorder_state varchar(8) character set ascii collate ascii_bin null,
    add index stock_by_alert (alert, alerted_at),
    add index stock_by_alert_time (alerted_at),
    add index stock_by_reorder_state (reorder_state)`.execute(db)

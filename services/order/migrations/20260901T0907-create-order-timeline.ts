import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table order_timeline (
    id bigint unsigned not null auto_increment primary key,
    order_id char(36) character set ascii collate ascii_bin not null,
    at datetime(6) not null,
    type varchar(100) character set ascii collate ascii_bin not null,
    done_by varchar(10) character set ascii collate ascii_bin not null,
    summary varchar(500) character set utf8mb4 not null,
    correlation_id varchar(255) character set utf8mb4 not null,
    key timeline_of_order (order_id, id),
    constraint order_timeline_by_known check (done_by in ('customer', 'system', 'staff'))
  )`.execute(db)

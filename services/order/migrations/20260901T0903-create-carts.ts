import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table carts (
    id char(36) character set ascii collate ascii_bin not null primary key,
    user_id char(36) character set ascii collate ascii_bin null,
    currency char(3) character set ascii collate ascii_bin not null,
    status varchar(10) character set ascii collate ascii_bin not null default 'open',
    order_id char(36) character set ascii collate ascii_bin null,
    merged_into char(36) character set ascii collate ascii_bin null,
    version int unsigned not null default 1,
    created_at datetime(6) not null,
    updated_at datetime(6) not null,
    key carts_of_user (user_id, status),
    constraint carts_status_known check (status in ('open', 'ordered', 'merged')),
    constraint carts_ordered_has_order check ((status = 'ordered') = (order_id is not null)),
    constraint carts_merged_has_target check ((status = 'merged') = (merged_into is not null))
  )`.execute(db)

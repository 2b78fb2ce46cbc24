import { sql, type Kysely } from 'kysely'

// A default is kept as the id of whose default it is, so that the unique keys let each account have one at most.
export const up = (db: Kysely<unknown>) =>
  sql`create table addresses (
    id char(36) character set ascii collate ascii_bin not null primary key,
    user_id char(36) character set ascii collate ascii_bin not null,
    label varchar(60) character set utf8mb4 null,
    name varchar(200) character set utf8mb4 not null,
    company varchar(200) character set utf8mb4 null,
    line1 varchar(200) character set utf8mb4 not null,
    line2 varchar(200) character set utf8mb4 null,
    city varchar(100) character set utf8mb4 not null,
    region varchar(100) character set utf8mb4 null,
    postal_code varchar(20) character set utf8mb4 not null,
    country char(2) character set ascii collate ascii_bin not null,
    phone varchar(40) character set utf8mb4 null,
    default_shipping_of char(36) character set ascii collate ascii_bin null,
    default_billing_of char(36) character set ascii collate ascii_bin null,
    version int unsigned not null default 1,
    created_at datetime(6) not null,
    updated_at datetime(6) not null,
    key addresses_of_user (user_id, id),
    constraint addresses_one_default_shipping unique (default_shipping_of),
    constraint addresses_one_default_billing unique (default_billing_of),
    constraint addresses_default_of_owner check (default_shipping_of = user_id and default_billing_of = user_id)
  )`.execute(db)

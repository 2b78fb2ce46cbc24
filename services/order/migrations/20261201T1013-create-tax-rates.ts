import { sql, type Kysely } from 'kysely'

// An empty `category_id` is the country's rate for everything else: a unique key takes any number of nulls.
export const up = (db: Kysely<unknown>) =>
  sql`create table tax_rates (
    id char(36) character set ascii collate ascii_bin not null primary key,
    name varchar(100) character set utf8mb4 not null,
    country char(2) character set ascii collate ascii_bin not null,
    category_id varchar(36) character set ascii collate ascii_bin not null default '',
    basis_points int unsigned not null,
    included tinyint unsigned not null,
    valid_from datetime(6) not null,
    version int unsigned not null default 1,
    created_at datetime(6) not null,
    updated_at datetime(6) not null,
    constraint tax_rates_once unique (country, category_id, valid_from),
    constraint tax_rates_basis_points check (basis_points <= 10000)
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// What customers were asked for one unit, and when: only while a product is on sale, promotions included. The last
// period of a price is open-ended (9999-12-31), so that "what reached beyond this instant" is one range of the key.
export const up = (db: Kysely<unknown>) =>
  sql`create table sale_periods (
    id bigint unsigned not null auto_increment primary key,
    sku varchar(64) character set ascii collate ascii_bin not null,
    currency char(3) character set ascii collate ascii_bin not null,
    amount_minor bigint not null,
    from_at datetime(6) not null,
    until_at datetime(6) not null,
    key sale_periods_by_end (sku, until_at),
    constraint sale_periods_order check (until_at >= from_at and amount_minor >= 0)
  )`.execute(db)

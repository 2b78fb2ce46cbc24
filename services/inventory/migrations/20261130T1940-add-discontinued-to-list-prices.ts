import { sql, type Kysely } from 'kysely'

// 1 where the newest state of the product does not name the SKU any more, or is archived or deleted.
export const up = (db: Kysely<unknown>) =>
  sql`alter table list_prices
    add column discontinued tinyint not null default 0,
    add index list_prices_by_product (product_id)`.execute(db)

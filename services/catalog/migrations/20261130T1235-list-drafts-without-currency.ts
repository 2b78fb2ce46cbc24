import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`insert ignore into listings
      (product_id, scope, status, listed_at, name, price_minor, currency, in_stock, popularity)
    select product_id, scope, status, listed_at, name, 0, '', in_stock, popularity
    from listings where status <> 'published' and currency <> ''`.execute(db)

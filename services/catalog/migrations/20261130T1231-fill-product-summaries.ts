import { sql, type Kysely } from 'kysely'

// As they were stored so far, in the product's one currency and for all others; the service renders them anew after its
// start (`products.rendered`). Rows that an interrupted start wrote stay.
export const up = (db: Kysely<unknown>) =>
  sql`insert ignore into product_summaries (product_id, currency, revision, summary)
    select products.id, currencies.currency, 1, products.summary
    from products
    join (select product_id, currency from listings where scope = '' and currency is not null
      union select id, '' from products) as currencies
      on currencies.product_id = products.id
    where products.status <> 'deleted'`.execute(db)

import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`insert ignore into category_counts (category_id, currency, shard, products)
    select scope, currency, 0, count(*) from listings where status = 'published' group by scope, currency
    union all
    select '', '', 0, count(distinct product_id) from listings where status = 'published' and scope = ''`.execute(
    db,
  )

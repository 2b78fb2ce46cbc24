import { newId } from '@storewright/database'
import { sql, type Kysely } from 'kysely'

// The order service began to keep the tree, and its products' places in it: a shop that is there already states them
// once more, as `ops rebuild` would. Categories first, because rebuilds are worked off by id.
export const up = (db: Kysely<unknown>) =>
  sql`insert into rebuilds (id, name, requested_at)
    select ${newId()}, 'categories', utc_timestamp(6) from dual where exists (select 1 from categories)
    union all
    select ${newId()}, 'products', utc_timestamp(6) from dual where exists (select 1 from products)`.execute(
    db,
  )

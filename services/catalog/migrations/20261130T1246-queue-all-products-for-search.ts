import { sql, type Kysely } from 'kysely'

// What was there before the search index is indexed in the background from the first start on.
export const up = (db: Kysely<unknown>) =>
  sql`insert into search_queue (category_id, after_product) values ('', '')
    on duplicate key update after_product = ''`.execute(db)

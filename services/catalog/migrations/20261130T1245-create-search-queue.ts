import { sql, type Kysely } from 'kysely'

const uuid = sql`char(36) character set ascii collate ascii_bin`

// Categories whose products are to be indexed anew, and how far that is; category '' is every product.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('search_queue')
    .addColumn('category_id', uuid, (col) => col.primaryKey())
    .addColumn('after_product', uuid, (col) => col.notNull())
    .execute()

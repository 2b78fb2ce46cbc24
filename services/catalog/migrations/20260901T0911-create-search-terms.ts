import { sql, type Kysely } from 'kysely'

// The words of each product's names and SKUs, for prefix search.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('search_terms')
    .addColumn('term', sql`varchar(64) character set utf8mb4 collate utf8mb4_bin`, (col) => col.notNull())
    .addColumn('product_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addPrimaryKeyConstraint('search_terms_pk', ['term', 'product_id'])
    .addIndex('search_terms_by_product', ['product_id', 'term'])
    .execute()

import { sql, type Kysely } from 'kysely'

// Which products have a word, the strongest at the end. There are fifteen or so for each product: ids are kept in 16
// bytes and there is no second index; `search_documents` has the words of a product.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('search_postings')
    .addColumn('word', sql`varchar(64) character set utf8mb4 collate utf8mb4_bin`, (col) => col.notNull())
    .addColumn('strength', sql`tinyint unsigned`, (col) => col.notNull())
    .addColumn('product_id', sql`binary(16)`, (col) => col.notNull())
    .addPrimaryKeyConstraint('search_postings_pk', ['word', 'strength', 'product_id'])
    .execute()

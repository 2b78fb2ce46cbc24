import { sql, type Kysely } from 'kysely'

// The words of each product with their strengths, for the other words of a query and for what a change leaves as it is.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('search_documents')
    .addColumn('product_id', sql`binary(16)`, (col) => col.primaryKey())
    .addColumn('words', sql`mediumtext character set utf8mb4 collate utf8mb4_bin`, (col) => col.notNull())
    .execute()

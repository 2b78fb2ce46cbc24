import { sql, type Kysely } from 'kysely'

// What lists and pages send of a product, as JSON text: one row for each currency that it has prices in, and one with
// currency '' for those that it has none in. `revision` is that of the product when the row was written.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('product_summaries')
    .addColumn('product_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('currency', sql`char(3) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('revision', sql`int unsigned`, (col) => col.notNull())
    .addColumn('summary', sql`mediumtext character set utf8mb4`, (col) => col.notNull())
    .addPrimaryKeyConstraint('product_summaries_pk', ['product_id', 'currency'])
    .execute()

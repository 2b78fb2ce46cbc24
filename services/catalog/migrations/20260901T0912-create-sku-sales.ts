import { sql, type Kysely } from 'kysely'

// Units sold per SKU, known here or not. Orders only count here; a worker carries what is `dirty` over to the lists,
// so that checkouts do not queue up for the rows and index entries of a popular product.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('sku_sales')
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.primaryKey())
    .addColumn('units', sql`bigint unsigned`, (col) => col.notNull())
    .addColumn('dirty', sql`tinyint unsigned`, (col) => col.notNull())
    .addIndex('sku_sales_dirty', ['dirty', 'sku'])
    .execute()

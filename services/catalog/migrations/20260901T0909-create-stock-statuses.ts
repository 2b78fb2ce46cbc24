import { sql, type Kysely } from 'kysely'

// The newest fact that inventory told of each SKU, known here or not yet; version 0 where nothing was told.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('stock_statuses')
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.primaryKey())
    .addColumn('status', sql`enum('in_stock', 'low_stock', 'out_of_stock')`, (col) => col.notNull())
    .addColumn('version', sql`bigint unsigned`, (col) => col.notNull())
    .execute()

import { sql, type Kysely } from 'kysely'

// On which line a running import counted each SKU and location: a second count of the same is found without keeping the
// file in memory. Rows go when their import ends.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('stocktake_lines')
    .addColumn('import_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('location', sql`varchar(32) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('line', sql`int unsigned`, (col) => col.notNull())
    .addPrimaryKeyConstraint('stocktake_lines_pk', ['import_id', 'sku', 'location'])
    .execute()

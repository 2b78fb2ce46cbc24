import { sql, type Kysely } from 'kysely'

// On which line a running import met each SKU: a second line for the same SKU is found without keeping the file in
// memory. Rows go when their import ends.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('import_rows')
    .addColumn('import_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('line', sql`int unsigned`, (col) => col.notNull())
    .addPrimaryKeyConstraint('import_rows_pk', ['import_id', 'sku'])
    .execute()

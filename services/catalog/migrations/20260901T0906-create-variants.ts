import { sql, type Kysely } from 'kysely'

// The key makes a SKU unique for ever: a deleted variant keeps its row, and with it the product the SKU belongs to.
// `lowest_before_minor` is the lowest price of the 30 days before the present price began.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('variants')
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.primaryKey())
    .addColumn('product_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('position', sql`smallint unsigned`, (col) => col.notNull())
    .addColumn('name', sql`varchar(200) character set utf8mb4`, (col) => col.notNull())
    .addColumn('attributes', 'json', (col) => col.notNull())
    .addColumn('price_minor', 'bigint', (col) => col.notNull())
    .addColumn('currency', sql`char(3) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('lowest_before_minor', 'bigint', (col) => col.notNull())
    .addColumn('deleted', sql`tinyint unsigned`, (col) => col.notNull())
    .addIndex('variants_by_product', ['product_id', 'position'])
    .addForeignKeyConstraint('variants_product', ['product_id'], 'products', ['id'])
    .addCheckConstraint('variants_price', sql`price_minor >= 0 and lowest_before_minor >= 0`)
    .execute()

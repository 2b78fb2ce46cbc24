import { sql, type Kysely } from 'kysely'

const uuid = sql`char(36) character set ascii collate ascii_bin`

// Where a product stands in lists: one row for "everything" (scope '') and one for each category it is in or under.
// Every order of a list is an index, and the filters ride along in it, so a page reads about as many entries as it
// shows, however large the shop.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('listings')
    .addColumn('product_id', uuid, (col) => col.notNull())
    .addColumn('scope', uuid, (col) => col.notNull())
    .addColumn('status', sql`enum('draft', 'published', 'archived')`, (col) => col.notNull())
    .addColumn('listed_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('name', sql`varchar(200) character set utf8mb4 collate utf8mb4_unicode_520_ci`, (col) =>
      col.notNull(),
    )
    .addColumn('price_minor', 'bigint', (col) => col.notNull())
    .addColumn('currency', sql`char(3) character set ascii collate ascii_bin`)
    .addColumn('in_stock', sql`tinyint unsigned`, (col) => col.notNull())
    .addColumn('popularity', sql`bigint unsigned`, (col) => col.notNull())
    .addPrimaryKeyConstraint('listings_pk', ['product_id', 'scope'])
    .addIndex('listings_newest', ['status', 'scope', 'listed_at', 'product_id', 'in_stock', 'price_minor'])
    .addIndex('listings_name', ['status', 'scope', 'name', 'product_id', 'in_stock', 'price_minor'])
    .addIndex('listings_price', ['status', 'scope', 'price_minor', 'product_id', 'in_stock'])
    .addIndex('listings_popular', ['status', 'scope', 'popularity', 'product_id', 'in_stock', 'price_minor'])
    .execute()

import { sql, type Kysely } from 'kysely'

// Every known SKU has a row at the default location, if only with nothing in it: that row is what "known" means,
// and the first that anyone who changes the SKU locks.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('stock')
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('location_id', sql`int unsigned`, (col) => col.notNull())
    .addColumn('on_hand', sql`int unsigned`, (col) => col.notNull())
    .addColumn('reserved', sql`int unsigned`, (col) => col.notNull())
    // When a count or an adjustment last said what is there; null where nobody has yet.
    .addColumn('counted_at', sql`datetime(6)`)
    .addPrimaryKeyConstraint('stock_pk', ['sku', 'location_id'])
    // Last defence: a bug in the allocator fails here instead of overselling.
    .addCheckConstraint('stock_not_oversold', sql`reserved <= on_hand`)
    .execute()

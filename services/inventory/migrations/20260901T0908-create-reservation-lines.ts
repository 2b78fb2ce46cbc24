import { sql, type Kysely } from 'kysely'

// What an order holds, and where. `held` is still in the house and part of `stock.reserved`; `shipped` is sold; the
// rest of `quantity` was released. No foreign key to `stock`: its check would lock the hot row early.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('reservation_lines')
    .addColumn('order_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('location_id', sql`int unsigned`, (col) => col.notNull())
    .addColumn('quantity', sql`int unsigned`, (col) => col.notNull())
    .addColumn('held', sql`int unsigned`, (col) => col.notNull())
    .addColumn('shipped', sql`int unsigned`, (col) => col.notNull())
    .addPrimaryKeyConstraint('reservation_lines_pk', ['order_id', 'sku', 'location_id'])
    .addCheckConstraint('reservation_lines_add_up', sql`held + shipped <= quantity`)
    .execute()

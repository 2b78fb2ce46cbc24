import { sql, type Kysely } from 'kysely'

const uuid = sql`char(36) character set ascii collate ascii_bin`

// The ledger: `on_hand` is the sum of these deltas. `seq` is taken while the SKU is locked, so it is the order in
// which the stock really changed, and `balance` is what was on hand at the location afterwards.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('movements')
    .addColumn('seq', sql`bigint unsigned`, (col) => col.primaryKey().autoIncrement())
    .addColumn('id', uuid, (col) => col.notNull().unique())
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('location_id', sql`int unsigned`, (col) => col.notNull())
    .addColumn('kind', sql`varchar(16) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('delta', 'integer', (col) => col.notNull())
    .addColumn('balance', sql`int unsigned`, (col) => col.notNull())
    .addColumn('reason', sql`varchar(200) character set utf8mb4`, (col) => col.notNull())
    .addColumn('reference', sql`varchar(100) character set utf8mb4`)
    .addColumn('order_id', uuid)
    .addColumn('shipment_id', uuid)
    .addColumn('recorded_by', uuid)
    .addColumn('recorded_at', sql`datetime(6)`, (col) => col.notNull())
    // A shipment is a sale once, however often it is told.
    .addUniqueConstraint('movements_shipment_once', ['shipment_id', 'sku', 'location_id'])
    .addCheckConstraint('movements_move', sql`delta <> 0`)
    .execute()

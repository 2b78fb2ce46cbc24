import type { Kysely } from 'kysely'

// Whether a supplier has an open order, without reading those that ended: `ended_at` of an open one is null.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createIndex('purchase_orders_of_supplier_by_end')
    .on('purchase_orders')
    .columns(['supplier_id', 'ended_at'])
    .execute()

import type { Kysely } from 'kysely'

// Holds all that demand and reports of some SKUs read, so that they need no row of the ledger.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createIndex('movements_by_sku_and_time')
    .on('movements')
    .columns(['sku', 'recorded_at', 'kind', 'location_id', 'delta'])
    .execute()

import type { Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  db.schema
    .createIndex('reservation_lines_by_sku')
    .on('reservation_lines')
    .columns(['sku', 'order_id'])
    .execute()

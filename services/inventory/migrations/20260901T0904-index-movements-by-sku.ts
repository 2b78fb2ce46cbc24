import type { Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  db.schema.createIndex('movements_by_sku').on('movements').columns(['sku', 'seq']).execute()

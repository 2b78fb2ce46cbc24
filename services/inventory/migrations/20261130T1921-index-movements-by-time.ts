import type { Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  db.schema.createIndex('movements_by_time').on('movements').columns(['recorded_at']).execute()

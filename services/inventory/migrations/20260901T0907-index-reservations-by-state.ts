import type { Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  db.schema.createIndex('reservations_by_state').on('reservations').columns(['state', 'order_id']).execute()

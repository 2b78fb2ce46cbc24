import type { Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  db.schema.createIndex('reservations_by_expiry').on('reservations').columns(['expires_at']).execute()

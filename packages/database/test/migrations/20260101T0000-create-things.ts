import type { Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('things')
    .addColumn('id', 'integer', (col) => col.primaryKey())
    .execute()

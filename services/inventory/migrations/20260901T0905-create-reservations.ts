import { sql, type Kysely } from 'kysely'

// One row per order, ever: also for an order that was rejected, and a tombstone for a cancellation that came before
// its order. `expires_at` is set only while the sweep may take the hold back.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('reservations')
    .addColumn('order_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.primaryKey())
    .addColumn('state', sql`varchar(16) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('expires_at', sql`datetime(6)`)
    .addColumn('created_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('updated_at', sql`datetime(6)`, (col) => col.notNull())
    .execute()

import { sql, type Kysely } from 'kysely'

// Append-only; the order of the ids is the order of the changes, because each was made under its product's lock. Each
// row also knows the price before it, so that the price in force at any instant is found from the
// rows after that instant alone.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('price_history')
    .addColumn('id', sql`bigint unsigned`, (col) => col.primaryKey().autoIncrement())
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('price_minor', 'bigint', (col) => col.notNull())
    .addColumn('currency', sql`char(3) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('previous_minor', 'bigint')
    .addColumn('previous_currency', sql`char(3) character set ascii collate ascii_bin`)
    .addColumn('lowest_before_minor', 'bigint', (col) => col.notNull())
    .addColumn('effective_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('reason', sql`varchar(200) character set utf8mb4`)
    .addColumn('changed_by', sql`char(36) character set ascii collate ascii_bin`)
    .addIndex('price_history_by_sku', ['sku', 'id'])
    .addIndex('price_history_by_time', ['sku', 'effective_at'])
    .addCheckConstraint('price_history_price', sql`price_minor >= 0`)
    .execute()

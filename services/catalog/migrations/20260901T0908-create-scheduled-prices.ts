import { sql, type Kysely } from 'kysely'

// One price per SKU and instant, so that repeating the request plans nothing twice.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('scheduled_prices')
    .addColumn('id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.primaryKey())
    .addColumn('sku', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('price_minor', 'bigint', (col) => col.notNull())
    .addColumn('currency', sql`char(3) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('effective_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('reason', sql`varchar(200) character set utf8mb4`)
    .addColumn('requested_by', sql`char(36) character set ascii collate ascii_bin`)
    .addColumn('state', sql`enum('waiting', 'applied', 'failed')`, (col) => col.notNull())
    .addColumn('failure', sql`varchar(200) character set utf8mb4`)
    .addUniqueConstraint('scheduled_prices_once', ['sku', 'effective_at'])
    .addIndex('scheduled_prices_due', ['state', 'effective_at'])
    .addCheckConstraint('scheduled_prices_price', sql`price_minor >= 0`)
    .execute()

import { sql, type Kysely } from 'kysely'

// The catalogue's promotions as its events state them; deleted ones stay, so that no late event brings one back.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('promotions')
    .addColumn('promotion_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.primaryKey())
    .addColumn('version', sql`bigint unsigned`, (col) => col.notNull())
    .addColumn('code', sql`varchar(50) character set utf8mb4 collate utf8mb4_bin`)
    .addColumn('ends_at', sql`datetime(6)`)
    .addColumn('deleted', sql`tinyint unsigned`, (col) => col.notNull())
    .addColumn('state', 'json', (col) => col.notNull())
    .addIndex('promotions_code', ['code', 'deleted', 'ends_at'])
    .execute()

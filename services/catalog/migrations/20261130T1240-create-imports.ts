import { sql, type Kysely } from 'kysely'

// What running and recent imports did, so that one that takes minutes, or whose client is gone, can be looked at.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('imports')
    .addColumn('id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.primaryKey())
    .addColumn('started_by', sql`varchar(64) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('dry_run', sql`tinyint unsigned`, (col) => col.notNull())
    .addColumn('state', sql`enum('running', 'finished', 'failed')`, (col) => col.notNull())
    .addColumn('problem', sql`varchar(500) character set utf8mb4`)
    .addColumn('records_read', sql`bigint unsigned`, (col) => col.notNull())
    .addColumn('report', sql`mediumtext character set utf8mb4`, (col) => col.notNull())
    .addColumn('started_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('updated_at', sql`datetime(6)`, (col) => col.notNull())
    .addIndex('imports_by_age', ['updated_at'])
    .execute()

import { sql, type Kysely } from 'kysely'

const uuid = sql`char(36) character set ascii collate ascii_bin`
const code = sql`varchar(50) character set utf8mb4 collate utf8mb4_bin`

// The whole promotion is in `state`; beside it stands what it is found by. A promotion without dates has the ends of
// time, so that one index finds what is running.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('promotions')
    .addColumn('id', uuid, (col) => col.primaryKey())
    .addColumn('code', code)
    // Of two promotions with one code, one ended: only the other has it here.
    .addColumn('live_code', code, (col) => col.unique())
    .addColumn('enabled', sql`tinyint unsigned`, (col) => col.notNull())
    .addColumn('automatic', sql`tinyint unsigned`, (col) => col.notNull())
    .addColumn('starts_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('ends_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('state', 'json', (col) => col.notNull())
    .addColumn('version', 'integer', (col) => col.notNull())
    .addColumn('deleted', sql`tinyint unsigned`, (col) => col.notNull())
    .addColumn('created_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('updated_at', sql`datetime(6)`, (col) => col.notNull())
    .addIndex('promotions_running', ['automatic', 'ends_at', 'starts_at'])
    .addIndex('promotions_code', ['code', 'id'])
    .execute()

import { sql, type Kysely } from 'kysely'

// The rejected lines of recent imports with what is wrong with them, `errors` as JSON: a report lists only the first.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('import_problems')
    .addColumn('import_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('line', sql`int unsigned`, (col) => col.notNull())
    .addColumn('errors', sql`mediumtext character set utf8mb4`, (col) => col.notNull())
    .addPrimaryKeyConstraint('import_problems_pk', ['import_id', 'line'])
    .execute()

import { sql, type Kysely } from 'kysely'

// Short numbers instead of codes in the key of `stock`: a SKU's rows sort with the default location first, which is
// the order in which they are locked and in which the allocator takes from them.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('locations')
    .addColumn('id', sql`int unsigned`, (col) => col.primaryKey().autoIncrement())
    .addColumn('code', sql`varchar(32) character set ascii collate ascii_bin`, (col) =>
      col.notNull().unique(),
    )
    .addColumn('name', sql`varchar(100) character set utf8mb4`, (col) => col.notNull())
    .addColumn('created_at', sql`datetime(6)`, (col) => col.notNull())
    .execute()

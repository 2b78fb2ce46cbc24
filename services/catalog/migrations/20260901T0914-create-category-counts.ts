import { sql, type Kysely } from 'kysely'

// How many published products are in and below each category, kept with every change of a listing: counting them anew
// for every visitor would read all of them. A row per shard, so that replicas do not wait for each other.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('category_counts')
    .addColumn('category_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('shard', sql`smallint unsigned`, (col) => col.notNull())
    .addColumn('products', 'integer', (col) => col.notNull())
    .addPrimaryKeyConstraint('category_counts_pk', ['category_id', 'shard'])
    .execute()

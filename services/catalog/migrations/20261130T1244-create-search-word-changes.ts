import { sql, type Kysely } from 'kysely'

// By how much more products have a word, until a job adds it to the word's count: writers of products do not wait for
// each other at frequent words.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('search_word_changes')
    .addColumn('id', sql`bigint unsigned`, (col) => col.autoIncrement().primaryKey())
    .addColumn('word', sql`varchar(64) character set utf8mb4 collate utf8mb4_bin`, (col) => col.notNull())
    .addColumn('change', 'integer', (col) => col.notNull())
    .execute()

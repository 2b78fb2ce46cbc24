import { sql, type Kysely } from 'kysely'

const characters = (count: number) => sql.raw(`varchar(${count}) character set utf8mb4 collate utf8mb4_bin`)
const beginning = (count: number) =>
  sql`${characters(count)} generated always as (left(word, ${sql.lit(count)})) stored`

// The dictionary of all words by which products are found. Words that begin with one or two characters are too many to
// read: their indexes give the most frequent ones.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('search_words')
    .addColumn('word', characters(64), (col) => col.primaryKey())
    .addColumn('documents', 'integer', (col) => col.notNull())
    .addColumn('emptied_at', sql`datetime(6)`)
    .addColumn('first', beginning(1))
    .addColumn('first_two', beginning(2))
    .addIndex('search_words_first', ['first', 'documents'])
    .addIndex('search_words_first_two', ['first_two', 'documents'])
    .addIndex('search_words_emptied', ['emptied_at'])
    .execute()

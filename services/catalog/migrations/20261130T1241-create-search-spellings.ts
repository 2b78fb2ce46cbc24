import { sql, type Kysely } from 'kysely'

const characters = (count: number) => sql.raw(`varchar(${count}) character set utf8mb4 collate utf8mb4_bin`)

// What remains of a word when a character or two are left out: words that differ by a typing error share one.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('search_spellings')
    .addColumn('spelling', characters(7), (col) => col.notNull())
    .addColumn('word', characters(64), (col) => col.notNull())
    .addPrimaryKeyConstraint('search_spellings_pk', ['spelling', 'word'])
    .execute()

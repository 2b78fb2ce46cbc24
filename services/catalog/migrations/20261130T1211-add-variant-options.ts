import { sql, type Kysely } from 'kysely'

// The variant's value of each of its product's options: `{ name: value }`.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .alterTable('variants')
    .addColumn('options', 'json', (col) => col.notNull().defaultTo(sql`(json_object())`))
    .execute()

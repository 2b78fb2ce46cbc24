import { sql, type Kysely } from 'kysely'

// Definitions of typed attributes for the products in the category and below it: `[{ name, type, values?, unit?, filterable }]`.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .alterTable('categories')
    .addColumn('attributes', 'json', (col) => col.notNull().defaultTo(sql`(json_array())`))
    .execute()

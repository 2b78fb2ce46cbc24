import { sql, type Kysely } from 'kysely'

// `options`: what variants are chosen by, `[{ name, values }]`. `seo`: `{ title, description }`. `metadata`: free JSON.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .alterTable('products')
    .addColumn('options', 'json', (col) => col.notNull().defaultTo(sql`(json_array())`))
    .addColumn('seo', 'json', (col) => col.notNull().defaultTo(sql`(json_object())`))
    .addColumn('metadata', 'json', (col) => col.notNull().defaultTo(sql`(json_object())`))
    .execute()

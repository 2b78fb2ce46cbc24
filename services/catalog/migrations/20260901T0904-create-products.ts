import { sql, type Kysely } from 'kysely'

// A deleted product keeps its row: its SKUs stay bound to it. `view` is the product as the API shows it, without its
// description: written with every change, so that a page of a list is one statement and no assembly.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('products')
    .addColumn('id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.primaryKey())
    .addColumn('slug', sql`varchar(120) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('handle', sql`varchar(120) character set utf8mb4 collate utf8mb4_bin`)
    .addColumn('name', sql`varchar(200) character set utf8mb4`, (col) => col.notNull())
    .addColumn('description', sql`mediumtext character set utf8mb4`, (col) => col.notNull())
    .addColumn('status', sql`enum('draft', 'published', 'archived', 'deleted')`, (col) => col.notNull())
    .addColumn('attributes', 'json', (col) => col.notNull())
    .addColumn('media', 'json', (col) => col.notNull())
    .addColumn('view', sql`mediumtext character set utf8mb4`, (col) => col.notNull())
    .addColumn('popularity', sql`bigint unsigned`, (col) => col.notNull().defaultTo(0))
    .addColumn('version', sql`int unsigned`, (col) => col.notNull())
    .addColumn('created_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('updated_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('published_at', sql`datetime(6)`)
    .addUniqueConstraint('products_slug', ['slug'])
    .addUniqueConstraint('products_handle', ['handle'])
    .execute()

import { sql, type Kysely } from 'kysely'

const uuid = sql`char(36) character set ascii collate ascii_bin`

export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('product_categories')
    .addColumn('product_id', uuid, (col) => col.notNull())
    .addColumn('position', sql`smallint unsigned`, (col) => col.notNull())
    .addColumn('category_id', uuid, (col) => col.notNull())
    .addPrimaryKeyConstraint('product_categories_pk', ['product_id', 'position'])
    .addUniqueConstraint('product_categories_once', ['category_id', 'product_id'])
    .addForeignKeyConstraint('product_categories_product', ['product_id'], 'products', ['id'])
    .addForeignKeyConstraint('product_categories_category', ['category_id'], 'categories', ['id'])
    .execute()

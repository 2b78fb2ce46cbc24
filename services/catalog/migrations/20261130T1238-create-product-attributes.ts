import { sql, type Kysely } from 'kysely'

const key = (length: number) => sql.raw(`varchar(${length}) character set utf8mb4 collate utf8mb4_bin`)

// Each value that an attribute has on a product or on one of its variants. Products are found by the folded keys
// (`listings/attribute-rows.ts`); `name` and `value` are as the merchant wrote them.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('product_attributes')
    .addColumn('product_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('name_key', key(100), (col) => col.notNull())
    .addColumn('value_key', key(191), (col) => col.notNull())
    .addColumn('name', sql`varchar(100) character set utf8mb4`, (col) => col.notNull())
    .addColumn('value', sql`varchar(255) character set utf8mb4`, (col) => col.notNull())
    .addPrimaryKeyConstraint('product_attributes_pk', ['product_id', 'name_key', 'value_key'])
    .addIndex('product_attributes_value', ['name_key', 'value_key', 'product_id'])
    .execute()

import { sql, type Kysely } from 'kysely'

const uuid = sql`char(36) character set ascii collate ascii_bin`

// Every category with itself and all above it: "with its descendants" is then one key, at any depth.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('category_ancestors')
    .addColumn('category_id', uuid, (col) => col.notNull())
    .addColumn('ancestor_id', uuid, (col) => col.notNull())
    .addPrimaryKeyConstraint('category_ancestors_pk', ['category_id', 'ancestor_id'])
    .addIndex('category_ancestors_below', ['ancestor_id', 'category_id'])
    .addForeignKeyConstraint('category_ancestors_of', ['category_id'], 'categories', ['id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()

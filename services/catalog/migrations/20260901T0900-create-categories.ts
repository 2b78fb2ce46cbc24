import { sql, type Kysely } from 'kysely'

const uuid = sql`char(36) character set ascii collate ascii_bin`

// `parent_key` is the parent's id or '': a unique key takes any number of NULLs, and siblings must differ at the root
// too. `name_key` is the name as siblings are compared by it, so that "Kitchen" and "kitchen" are one category.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('categories')
    .addColumn('id', uuid, (col) => col.primaryKey())
    .addColumn('parent_id', uuid)
    .addColumn('parent_key', uuid, (col) => col.notNull())
    .addColumn('slug', sql`varchar(120) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('name', sql`varchar(100) character set utf8mb4`, (col) => col.notNull())
    .addColumn('name_key', sql`varchar(300) character set utf8mb4 collate utf8mb4_bin`, (col) =>
      col.notNull(),
    )
    .addColumn('position', sql`int unsigned`, (col) => col.notNull())
    .addColumn('version', sql`int unsigned`, (col) => col.notNull())
    .addColumn('created_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('updated_at', sql`datetime(6)`, (col) => col.notNull())
    .addUniqueConstraint('categories_slug', ['slug'])
    .addUniqueConstraint('categories_sibling', ['parent_key', 'name_key'])
    .addForeignKeyConstraint('categories_parent', ['parent_id'], 'categories', ['id'])
    .execute()

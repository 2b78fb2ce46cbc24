import { sql, type Kysely } from 'kysely'

// One row, locked by whoever changes the shape of the tree and shared by whoever files products under it. Without it
// two moves could each be free of cycles and make one together.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('category_tree')
    .addColumn('id', sql`tinyint unsigned`, (col) => col.primaryKey())
    .execute()

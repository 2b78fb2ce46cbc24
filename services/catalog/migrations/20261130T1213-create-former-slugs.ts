import { sql, type Kysely } from 'kysely'

// Slugs that products and categories had, for redirects. One that somebody else took since is never looked up here.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('former_slugs')
    .addColumn('kind', sql`enum('product', 'category') character set ascii collate ascii_bin`, (col) =>
      col.notNull(),
    )
    .addColumn('slug', sql`varchar(120) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addColumn('owner_id', sql`char(36) character set ascii collate ascii_bin`, (col) => col.notNull())
    .addPrimaryKeyConstraint('former_slugs_pk', ['kind', 'slug'])
    .execute()

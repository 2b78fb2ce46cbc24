import { sql, type Kysely } from 'kysely'

// The catalogue's tree, by which taxes and promotions find what is below a category.
export const up = (db: Kysely<unknown>) =>
  sql`create table categories (
    category_id char(36) character set ascii collate ascii_bin not null primary key,
    version bigint unsigned not null,
    parent_id char(36) character set ascii collate ascii_bin null,
    deleted tinyint unsigned not null
  )`.execute(db)

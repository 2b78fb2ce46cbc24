import { sql, type Kysely } from 'kysely'

// `revision` rises with everything that a page shows, so that it is the page's ETag; `rendered` is the RENDERING of the
// code that wrote what is stored beside the product.
export const up = (db: Kysely<unknown>) =>
  sql`alter table products
    add column revision int unsigned not null default 1,
    add column rendered int unsigned not null default 0,
    add index products_rendered (rendered),
    drop column summary`.execute(db)

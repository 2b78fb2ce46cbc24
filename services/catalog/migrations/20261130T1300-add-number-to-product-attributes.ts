import { sql, type Kysely } from 'kysely'

// Values that are numbers are found by their ranges. Services fill it at their start (RENDERING in
// `products/stored-views.ts`); until then a range finds what was saved since.
export const up = (db: Kysely<unknown>) =>
  sql`alter table product_attributes
    add column number double,
    add index product_attributes_number (name_key, number, product_id)`.execute(db)

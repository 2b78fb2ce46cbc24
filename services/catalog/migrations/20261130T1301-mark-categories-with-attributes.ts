import { sql, type Kysely } from 'kysely'

// Lists look for the few categories that define attributes, in a tree of any size.
export const up = (db: Kysely<unknown>) =>
  sql`alter table categories
    add column defines tinyint unsigned generated always as (json_length(attributes) > 0) stored,
    add index categories_defines (defines)`.execute(db)

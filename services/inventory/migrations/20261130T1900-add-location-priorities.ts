import { sql, type Kysely } from 'kysely'

// The default puts what a replica of the version before adds after all others.
export const up = (db: Kysely<unknown>) =>
  sql`alter table locations add column priority int not null default 1000000 after name,
    add column version int unsigned not null default 1 after priority,
    add index locations_by_priority (priority)`.execute(db)

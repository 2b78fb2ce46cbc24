import { sql, type Kysely } from 'kysely'

// A key is published before it signs: whoever verifies has it by then. Those that are there sign already.
export const up = (db: Kysely<unknown>) =>
  sql`alter table signing_keys
    add column active_from datetime(6) not null default '1970-01-02 00:00:00.000000'`.execute(db)

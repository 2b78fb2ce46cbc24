import { sql, type Kysely } from 'kysely'

// With the spent token itself it gives the next one again; alone it gives nothing.
export const up = (db: Kysely<unknown>) =>
  sql`alter table refresh_tokens
    add column successor_salt char(43) character set ascii collate ascii_bin null`.execute(db)

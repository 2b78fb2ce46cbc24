import { sql, type Kysely } from 'kysely'

// In memory on purpose: a count is worth nothing once its minute is over, and must not cost a write to a disk. A
// restart of the server empties the table, and the limits begin anew.
export const up = (db: Kysely<unknown>) =>
  sql`create table rate_limits (
    name varchar(100) character set ascii collate ascii_bin not null primary key,
    taken bigint unsigned not null,
    ends_at bigint unsigned not null,
    key rate_limits_end (ends_at) using btree
  ) engine = memory`.execute(db)

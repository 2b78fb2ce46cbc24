import { sql, type Kysely } from 'kysely'

// One row for each service that has to answer, from the start; `erased_at` is empty until it did.
export const up = (db: Kysely<unknown>) =>
  sql`create table erasure_receipts (
    erasure_id char(36) character set ascii collate ascii_bin not null,
    service varchar(40) character set ascii collate ascii_bin not null,
    records int unsigned null,
    erased_at datetime(6) null,
    primary key (erasure_id, service)
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// The webhooks that providers sent, each once; kept longer than any provider repeats them.
export const up = (db: Kysely<unknown>) =>
  sql`create table payment_notices (
    provider varchar(20) character set ascii collate ascii_bin not null,
    event_id varchar(255) character set ascii collate ascii_bin not null,
    type varchar(100) character set ascii collate ascii_bin not null,
    attempt_id char(36) character set ascii collate ascii_bin null,
    received_at datetime(6) not null,
    primary key (provider, event_id),
    key payment_notices_received (received_at)
  )`.execute(db)

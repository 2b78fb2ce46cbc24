import { sql, type Kysely } from 'kysely'

// How many mails accounts had sent to an address that is not theirs since `since`; by its hash, since nobody proved it.
export const up = (db: Kysely<unknown>) =>
  sql`create table mailbox_counts (
    email_hash char(64) character set ascii collate ascii_bin not null primary key,
    since datetime(6) not null,
    mails int unsigned not null,
    key mailbox_counts_by_age (since)
  )`.execute(db)

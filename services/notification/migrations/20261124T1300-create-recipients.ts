import { sql, type Kysely } from 'kysely'

// A row for everybody who was ever written to: locked by whoever adds or erases messages of this person, so that
// the two cannot pass each other. `erased_at` is the tombstone: from then on nothing is stored or sent.
export const up = (db: Kysely<unknown>) =>
  sql`create table recipients (
    user_id char(36) character set ascii collate ascii_bin not null primary key,
    erased_at datetime(6) null
  )`.execute(db)

import { sql, type Kysely } from 'kysely'

// The address that an account will have once its mailbox was proved. Not unique: whoever proves it first has it.
export const up = (db: Kysely<unknown>) =>
  sql`alter table users
    add column pending_email varchar(254) character set utf8mb4 collate utf8mb4_bin null`.execute(db)

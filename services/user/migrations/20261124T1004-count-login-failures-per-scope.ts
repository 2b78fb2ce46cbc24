import { sql, type Kysely } from 'kysely'

// Failures are counted per account, per network, and per account and network: `scope_hash` tells which one.
// `account_hash` finds all that concern an account, known or not.
export const up = (db: Kysely<unknown>) =>
  sql`alter table login_failures
    change column email_hash scope_hash char(64) character set ascii collate ascii_bin not null,
    add column account_hash char(64) character set ascii collate ascii_bin null,
    add key login_failures_by_account (account_hash)`.execute(db)

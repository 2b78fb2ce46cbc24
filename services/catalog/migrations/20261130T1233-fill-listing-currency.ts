import { sql, type Kysely } from 'kysely'

// Drafts without a variant had no currency.
export const up = (db: Kysely<unknown>) =>
  sql`update listings set currency = '' where currency is null`.execute(db)

import { sql, type Kysely } from 'kysely'

// Minor units by currency, { "GBP": 1299, "EUR": 1499 }: a cart takes the price in its own.
export const up = (db: Kysely<unknown>) =>
  sql`alter table offers add column prices json null after name`.execute(db)

import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`update offers set prices = json_object(currency, price_minor) where prices is null`.execute(db)

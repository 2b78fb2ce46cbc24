import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`update variants set prices = json_array(json_object(
    'amount', price_minor, 'currency', currency, 'compareAt', null, 'lowestBefore', lowest_before_minor
  )) where prices is null`.execute(db)

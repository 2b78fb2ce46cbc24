import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`alter table payment_attempts rename column once_key to uniqueness_key`.execute(db)

import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`update orders set payment_status = 'partly_captured'
    where payment_status = 'authorized' and captured_minor > 0`.execute(db)

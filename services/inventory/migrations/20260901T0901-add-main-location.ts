import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`insert ignore into locations (id, code, name, created_at) values (1, 'main', 'Main', utc_timestamp(6))`.execute(
    db,
  )

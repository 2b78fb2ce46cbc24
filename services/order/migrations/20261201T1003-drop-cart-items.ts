import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) => sql`drop table cart_items`.execute(db)

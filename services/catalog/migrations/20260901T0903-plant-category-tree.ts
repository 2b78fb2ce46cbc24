import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) => sql`insert ignore into category_tree (id) values (1)`.execute(db)

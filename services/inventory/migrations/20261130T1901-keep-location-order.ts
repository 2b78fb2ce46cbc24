import { sql, type Kysely } from 'kysely'

// Until now orders took from locations in the order of their ids.
export const up = (db: Kysely<unknown>) => sql`update locations set priority = id`.execute(db)

import { sql, type Kysely } from 'kysely'

// Every replica that connects anew asks what was revoked lately.
export const up = (db: Kysely<unknown>) =>
  sql`create index sessions_by_revocation on sessions (revoked_at)`.execute(db)

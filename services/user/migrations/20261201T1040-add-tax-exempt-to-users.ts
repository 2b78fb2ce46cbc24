import { newId } from '@storewright/database'
import { sql, type Kysely } from 'kysely'

// Whether a customer pays no tax. The order service begins to keep how to reach account holders: a shop that is there
// already states it once.
export const up = async (db: Kysely<unknown>) => {
  await sql`alter table users add column tax_exempt boolean not null default false`.execute(db)
  await sql`insert into rebuilds (id, name, requested_at)
    select ${newId()}, 'contacts', utc_timestamp(6) from dual where exists (select 1 from users)`.execute(db)
}

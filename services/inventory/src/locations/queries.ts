import type { Db, Trx } from '@storewright/database'
import { sql } from 'kysely'
import type { Database } from '../database.ts'

export interface Location {
  id: number
  code: string
  name: string
  priority: number
  version: number
  createdAt: Date
}

/** The last place in line; those that share a priority follow each other by id. */
export const MAX_PRIORITY = 1_000_000

const columns = ['id', 'code', 'name', 'priority', 'version', 'created_at as createdAt'] as const

export const findLocation = (db: Db<Database>, code: string) =>
  db.selectFrom('locations').select(columns).where('code', '=', code).executeTakeFirst()

export const lockLocation = (trx: Trx<Database>, code: string) =>
  trx.selectFrom('locations').select(columns).where('code', '=', code).forUpdate().executeTakeFirst()

/** In the order in which orders take from them; `after` is the priority and the id of the last one seen. */
export const listLocations = (
  db: Db<Database>,
  { after, limit }: { after: [priority: number, id: number]; limit: number },
) =>
  db
    .selectFrom('locations')
    .select(columns)
    .where('priority', '>=', after[0])
    .where((eb) => eb.or([eb('priority', '>', after[0]), eb('id', '>', after[1])]))
    .orderBy('priority')
    .orderBy('id')
    .limit(limit)
    .execute()

export const listLocationIds = async (db: Db<Database>, codes: Iterable<string>) => {
  const wanted = [...new Set(codes)]
  if (wanted.length === 0) return new Map<string, number>()
  const rows = await db.selectFrom('locations').select(['id', 'code']).where('code', 'in', wanted).execute()
  return new Map(rows.map(({ id, code }) => [code, id]))
}

export const listLocationCodes = async (db: Db<Database>, ids: Iterable<number>) => {
  const rows = await db
    .selectFrom('locations')
    .select(['id', 'code'])
    .where('id', 'in', [...new Set(ids)])
    .execute()
  return new Map(rows.map(({ id, code }) => [id, code]))
}

export const insertLocation = (
  trx: Trx<Database>,
  { code, name, now }: { code: string; name: string; now: Date },
) =>
  trx
    .insertInto('locations')
    .columns(['code', 'name', 'created_at', 'priority'])
    .expression((eb) =>
      eb
        .selectFrom('locations as others')
        .select([
          eb.val(code).as('code'),
          eb.val(name).as('name'),
          eb.val(now).as('created_at'),
          sql<number>`least(coalesce(max(others.priority), 0) + 1, ${sql.lit(MAX_PRIORITY)})`.as('priority'),
        ]),
    )
    .execute()

export const updateLocation = (
  trx: Trx<Database>,
  { id, name, priority, version }: Pick<Location, 'id' | 'name' | 'priority' | 'version'>,
) => trx.updateTable('locations').set({ name, priority, version }).where('id', '=', id).execute()

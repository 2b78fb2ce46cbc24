import type { Db, Trx } from '@storewright/database'
import type { Database } from '../database.ts'

export interface Location {
  id: number
  code: string
  name: string
  createdAt: Date
}

const columns = ['id', 'code', 'name', 'created_at as createdAt'] as const

export const findLocation = (db: Db<Database>, code: string) =>
  db.selectFrom('locations').select(columns).where('code', '=', code).executeTakeFirst()

export const listLocations = (db: Db<Database>, { after, limit }: { after: number; limit: number }) =>
  db.selectFrom('locations').select(columns).where('id', '>', after).orderBy('id').limit(limit).execute()

export const listLocationIds = async (db: Db<Database>, codes: Iterable<string>) => {
  const wanted = [...new Set(codes)]
  if (wanted.length === 0) return new Map<string, number>()
  const rows = await db.selectFrom('locations').select(['id', 'code']).where('code', 'in', wanted).execute()
  return new Map(rows.map(({ id, code }) => [code, id]))
}

export const insertLocation = (
  trx: Trx<Database>,
  { code, name, now }: { code: string; name: string; now: Date },
) => trx.insertInto('locations').values({ code, name, created_at: now }).execute()

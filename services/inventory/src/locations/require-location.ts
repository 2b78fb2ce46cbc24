import type { Db } from '@storewright/database'
import type { Database } from '../database.ts'
import { unknownLocation } from '../problems.ts'
import { listLocationIds } from './queries.ts'

/** The id of a location by its code; where there is none, the problem `unknown-location`. */
export const requireLocation = async (db: Db<Database>, code: string): Promise<number> => {
  const id = (await listLocationIds(db, [code])).get(code)
  if (id === undefined) throw unknownLocation(code)
  return id
}

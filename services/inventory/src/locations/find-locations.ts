import type { Trx } from '@storewright/database'
import type { Database } from '../database.ts'
import { findLocation } from './queries.ts'
import { Problem } from '../problems.ts'

/** The location with this code; otherwise an `unknown-location` problem that names the field `location`. */
export const requireLocation = async (trx: Trx<Database>, code: string) => {
  const location = await findLocation(trx, code)
  if (location) return location
  throw new Problem('unknown-location', `There is no location ${code}.`, {
    errors: [{ path: 'location', message: 'is not a location' }],
  })
}

/** Ids by location code; codes without a location are left out. */
export { listLocationIds as findLocationIds } from './queries.ts'

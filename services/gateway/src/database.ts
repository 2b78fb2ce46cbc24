import { loadMigrations } from '@storewright/database'
import type * as database from '@storewright/database'

export interface RateLimitsTable {
  /** The key of a limit: `account:…`. */
  name: string
  /** Points of the present window that all replicas took; more than the limit once it is spent. */
  taken: number
  /** Milliseconds since 1970. */
  ends_at: number
}

export interface Database {
  rate_limits: RateLimitsTable
}

export type Db = database.Db<Database>

export const allMigrations = () => loadMigrations(new URL('../migrations/', import.meta.url))

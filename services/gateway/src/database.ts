import type * as database from '@storewright/database'

export interface RateLimitsTable {
  /** What is counted, and whose: `account:…`. */
  name: string
  /** Points given out in the present window, to all replicas together; more than the limit once it is spent. */
  taken: number
  /** Milliseconds since 1970. */
  ends_at: number
}

export interface Database {
  rate_limits: RateLimitsTable
}

export type Db = database.Db<Database>

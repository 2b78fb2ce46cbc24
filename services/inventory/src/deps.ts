import type { Db } from '@storewright/database'
import type { CatalogClient } from './catalog-client.ts'
import type { Database } from './database.ts'

/** What routes depend on. */
export interface Deps {
  db: Db<Database>
  catalog: CatalogClient
  settings: Settings
  internalToken: string
}

/** Settings of the use cases. */
export interface Settings {
  readonly lowStockThreshold: number
  /** Milliseconds until an unconfirmed hold expires. */
  readonly reservationTtlMs: number
  readonly clock: () => Date
}

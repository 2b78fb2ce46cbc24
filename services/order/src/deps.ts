import type { ReadStock } from './carts/stock-reader.ts'
import type { Db } from './database.ts'
import type { Providers } from './payments/provider.ts'
import type { Signals } from './signals.ts'

export interface Settings {
  /** How long an order may wait for inventory. */
  pendingTtlMs: number
  orderTokenSecret: string
  defaultCurrency: string
  clock: () => Date
}

/** What routes need. */
export interface Deps {
  db: Db
  readStock: ReadStock
  providers: Providers
  signals: Signals
  settings: Settings
}

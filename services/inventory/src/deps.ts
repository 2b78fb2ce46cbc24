import type { Db } from '@storewright/database'
import type { Catalog } from './catalog.ts'
import type { Database } from './database.ts'
import type { Settings } from './settings.ts'

/** What routes work with. */
export interface Deps {
  db: Db<Database>
  catalog: Catalog
  settings: Settings
  internalToken: string
}

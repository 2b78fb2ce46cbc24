import type { Db } from '@storewright/database'
import { dataSettings, internalToken, processSettings, serviceUrl } from '@storewright/service-kit/run'
import { Type, type Static } from 'typebox'
import type { CatalogClient } from './catalog-client.ts'
import type { Database } from './database.ts'

export const Config = Type.Object({
  ...processSettings({ port: 3003 }),
  ...dataSettings({ connections: 10, leastConnections: 3 }),
  INTERNAL_TOKEN: internalToken,
  USER_URL: serviceUrl('user'),
  /** Base URL of the catalog service, asked about SKUs whose event has not arrived yet. */
  CATALOG_URL: Type.String(),
  /** Units: a SKU with at most this many available is `low_stock`. */
  LOW_STOCK_THRESHOLD: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 5 }),
  /** Seconds until an unconfirmed hold expires: a safety net, a day after the order service's own deadline of 15 minutes. */
  RESERVATION_TTL_SECONDS: Type.Integer({ minimum: 1, maximum: 31_536_000, default: 87_300 }),
  SWEEP_INTERVAL_MS: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 60_000 }),
})
export type Config = Static<typeof Config>

export const settingsFrom = (config: Config, clock: () => Date) => ({
  lowStockThreshold: config.LOW_STOCK_THRESHOLD,
  /** Milliseconds until an unconfirmed hold expires. */
  reservationTtlMs: config.RESERVATION_TTL_SECONDS * 1_000,
  clock,
})
export type Settings = Readonly<ReturnType<typeof settingsFrom>>

export interface Deps {
  db: Db<Database>
  catalog: CatalogClient
  settings: Settings
  internalToken: string
}

import type { Db } from '@storewright/database'
import {
  dataSettings,
  defaultCurrency,
  internalToken,
  processSettings,
  serviceUrl,
} from '@storewright/service-kit/run'
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
  /** Milliseconds between looks for SKUs to reorder: what falls due meanwhile shares orders. */
  REORDER_INTERVAL_MS: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 1_000 }),
  SWEEP_INTERVAL_MS: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 60_000 }),
  DEFAULT_CURRENCY: defaultCurrency,
  SUGGESTIONS_INTERVAL_MS: Type.Integer({ minimum: 1_000, maximum: 86_400_000, default: 3_600_000 }),
  /** Days of sales that suggestions are computed from; fewer of a SKU that is younger. */
  SUGGESTION_WINDOW_DAYS: Type.Integer({ minimum: 2, maximum: 730, default: 90 }),
  /** Share of reorder cycles in which stock should last until the order arrives. */
  SERVICE_LEVEL: Type.Number({ minimum: 0.5, maximum: 0.9999, default: 0.95 }),
  /** Days from an order to its receipt where neither rule nor supplier names them. */
  LEAD_TIME_DAYS: Type.Integer({ minimum: 0, maximum: 365, default: 7 }),
  /** What placing an order costs, in minor units of the shop's currency. */
  ORDER_COST: Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: 500 }),
  /** What keeping a unit for a year costs, as a share of its list price. */
  HOLDING_RATE: Type.Number({ minimum: 0.001, maximum: 10, default: 0.25 }),
  /** Days: stock that lasts longer is slow. */
  SLOW_COVER_DAYS: Type.Integer({ minimum: 1, maximum: 10_000, default: 180 }),
})
export type Config = Static<typeof Config>

export const settingsFrom = (config: Config, clock: () => Date) => ({
  lowStockThreshold: config.LOW_STOCK_THRESHOLD,
  /** Milliseconds until an unconfirmed hold expires. */
  reservationTtlMs: config.RESERVATION_TTL_SECONDS * 1_000,
  suggestions: {
    intervalMs: config.SUGGESTIONS_INTERVAL_MS,
    currency: config.DEFAULT_CURRENCY,
    windowDays: config.SUGGESTION_WINDOW_DAYS,
    serviceLevel: config.SERVICE_LEVEL,
    leadTimeDays: config.LEAD_TIME_DAYS,
    orderCost: config.ORDER_COST,
    holdingRate: config.HOLDING_RATE,
    slowCoverDays: config.SLOW_COVER_DAYS,
  },
  clock,
})
export type Settings = Readonly<ReturnType<typeof settingsFrom>>

export interface Deps {
  db: Db<Database>
  catalog: CatalogClient
  settings: Settings
  internalToken: string
}

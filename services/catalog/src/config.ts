import {
  dataSettings,
  defaultCurrency,
  internalToken,
  paymentSettings,
  processSettings,
  serviceUrl,
} from '@storewright/service-kit/run'
import { Type, type Static } from 'typebox'

export const Config = Type.Object({
  ...processSettings({ port: 3002 }),
  ...dataSettings({ connections: 10, leastConnections: 3 }),
  INTERNAL_TOKEN: internalToken,
  USER_URL: serviceUrl('user'),
  DEFAULT_CURRENCY: defaultCurrency,
  ...paymentSettings,
  /** How late a scheduled price, or the price of a promotion, may begin. */
  PRICE_SCHEDULE_INTERVAL_MS: Type.Integer({ minimum: 50, maximum: 3_600_000, default: 1_000 }),
  /** After how long the database gives up a statement of a list; the request then ends with 503. */
  LIST_TIMEOUT_MS: Type.Integer({ minimum: 1, maximum: 60_000, default: 5_000 }),
  /** How late a sale may move a product in lists by popularity. */
  POPULARITY_INTERVAL_MS: Type.Integer({ minimum: 50, maximum: 3_600_000, default: 5_000 }),
  /** How late searches learn that a category was renamed, and how many products have a word. */
  SEARCH_INTERVAL_MS: Type.Integer({ minimum: 50, maximum: 3_600_000, default: 1_000 }),
})
export type Config = Static<typeof Config>

import { dataSettings, internalToken, processSettings, userUrl } from '@storewright/service-kit'
import { Type, type Static } from 'typebox'

export const Config = Type.Object({
  ...processSettings({ port: 3003 }),
  ...dataSettings({ connections: 10, leastConnections: 3 }),
  INTERNAL_TOKEN: internalToken,
  USER_URL: userUrl,
  /** Asked about SKUs that no event has told of yet. */
  CATALOG_URL: Type.String(),
  /** At most so many free: `low_stock`. */
  LOW_STOCK_THRESHOLD: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 5 }),
  /** A net below the order service's own deadlines: a day later than its hold of 15 minutes ends. */
  RESERVATION_TTL_SECONDS: Type.Integer({ minimum: 1, maximum: 31_536_000, default: 87_300 }),
  SWEEP_INTERVAL_MS: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 60_000 }),
})
export type Config = Static<typeof Config>

import { OrderConfirmed, StockStatusChanged } from '@storewright/contracts'
import { purgeIdempotencyKeys } from '@storewright/database'
import { onBatch } from '@storewright/messaging'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import { revocationsFrom } from '@storewright/service-kit/auth'
import { composeService, type ServiceResources } from '@storewright/service-kit/run'
import { definitionRoutes } from './categories/definition-routes.ts'
import { categoryRebuilder } from './categories/edit-categories.ts'
import { categoryRoutes } from './categories/routes.ts'
import type { Config } from './config.ts'
import type { Database, Trx } from './database.ts'
import { exportRoutes, importRoutes } from './imports/routes.ts'
import { forgetOldImports } from './imports/track-import.ts'
import { countSales, updatePopularity } from './popularity/update-popularity.ts'
import { priceHistoryRoutes } from './price-history/routes.ts'
import { applyDuePrices } from './prices/apply-due-prices.ts'
import { priceRoutes } from './prices/routes.ts'
import { productListRoutes } from './product-list/routes.ts'
import { applyStockStatus } from './products/apply-stock-status.ts'
import { indexQueued } from './products/search-text.ts'
import { productRebuilder } from './products/repeat-products.ts'
import { rebuildOutdated } from './products/rebuild-listings.ts'
import { productRoutes } from './products/routes.ts'
import { refreshPrices } from './promoted-prices/refresh-prices.ts'
import { promotionRebuilder } from './promotions/edit-promotions.ts'
import { promotionRoutes } from './promotions/routes.ts'
import { countWordChanges, deleteEmptyWords } from './search/maintain-words.ts'
import { shopRoutes } from './shop/routes.ts'
import { variantRoutes } from './variants/routes.ts'

type Parts = ServiceResources<Database, Config> & {
  /** How slow the process may become before it refuses work; 0 never refuses. */
  maxEventLoopDelayMs?: number
}

/** Finds nothing but after a start on the data of older code. */
const REBUILD_INTERVAL_MS = 60_000
const PURGE_INTERVAL_MS = 60_000

/** Wires the service; the caller starts and stops what it returns. */
export const buildApp = ({ maxEventLoopDelayMs = 3_000, ...resources }: Parts) => {
  const { db, config, logger } = resources
  const internalToken = config.INTERNAL_TOKEN
  const currency = config.DEFAULT_CURRENCY
  const deps = { db, internalToken, currency }
  const job = (name: string, intervalMs: number, run: () => Promise<boolean>) =>
    createPeriodicJob({ name, intervalMs, run, logger, repeatWhileBusy: true })

  return composeService({
    ...resources,
    // An import is one request and arrives as fast as it is processed.
    server: { requestTimeoutMs: 3_600_000, maxEventLoopDelayMs },
    readRevocations: revocationsFrom({ userUrl: config.USER_URL, internalToken }),
    registerRoutes: (server) => {
      categoryRoutes(server, deps)
      definitionRoutes(server, deps)
      productListRoutes(server, { ...deps, listTimeoutMs: config.LIST_TIMEOUT_MS })
      productRoutes(server, deps)
      variantRoutes(server, deps)
      priceRoutes(server, deps)
      priceHistoryRoutes(server, deps)
      promotionRoutes(server, deps)
      shopRoutes(server, { db, currency, config })
      exportRoutes(server, deps)
      void server.register((scope, _options, done) => {
        importRoutes(scope, deps)
        done()
      })
    },
    subscriptions: {
      'catalog.inventory-events': [
        onBatch(StockStatusChanged, (trx: Trx, events) => applyStockStatus(trx, events, currency), {
          replays: true,
        }),
      ],
      'catalog.order-events': [onBatch(OrderConfirmed, (trx: Trx, events) => countSales(trx, events))],
    },
    lingerMs: { 'catalog.order-events': 250 },
    rebuilders: {
      products: productRebuilder(currency),
      categories: categoryRebuilder,
      promotions: promotionRebuilder,
    },
    workers: [
      job(
        'price-schedule',
        config.PRICE_SCHEDULE_INTERVAL_MS,
        async () => (await applyDuePrices(db, { currency })) > 0,
      ),
      job('price-refresh', config.PRICE_SCHEDULE_INTERVAL_MS, () => refreshPrices(db, { currency })),
      job('popularity', config.POPULARITY_INTERVAL_MS, () => updatePopularity(db)),
      createPeriodicJob({
        name: 'rebuild',
        intervalMs: REBUILD_INTERVAL_MS,
        run: () => rebuildOutdated(db),
        logger,
        repeatWhileBusy: true,
        immediately: true,
      }),
      job('search-index', config.SEARCH_INTERVAL_MS, () => indexQueued(db)),
      job('search-words', config.SEARCH_INTERVAL_MS, () => countWordChanges(db)),
      job('search-empty-words', PURGE_INTERVAL_MS, () => deleteEmptyWords(db)),
      job('purge', PURGE_INTERVAL_MS, async () => (await purgeIdempotencyKeys(db)) > 0),
      job('import-purge', PURGE_INTERVAL_MS, () => forgetOldImports(db)),
    ],
  })
}

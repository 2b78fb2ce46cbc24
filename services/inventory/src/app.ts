import { revocationsFrom } from '@storewright/service-kit/auth'
import { composeService, type ServiceResources } from '@storewright/service-kit/run'
import { createCatalogClient } from './catalog-client.ts'
import { settingsFrom, type Config, type Deps } from './config.ts'
import { catalogSubscriptions, orderSubscriptions } from './consumers.ts'
import type { Database } from './database.ts'
import { locationRoutes } from './locations/routes.ts'
import { purchaseOrderRoutes } from './purchase-orders/routes.ts'
import { alertRoutes } from './reorder/alert-routes.ts'
import { createReorderJob } from './reorder/place-orders.ts'
import { ruleRoutes } from './reorder/rule-routes.ts'
import { createExpiryJob } from './reservations/expire-reservations.ts'
import { reportRoutes } from './reports/routes.ts'
import { reservationRoutes } from './reservations/routes.ts'
import { adjustmentRoutes } from './stock/adjustment-routes.ts'
import { importRoutes } from './stock/import-routes.ts'
import { movementRoutes } from './stock/movement-routes.ts'
import { statusRebuilder } from './stock/repeat-statuses.ts'
import { stockRoutes } from './stock/routes.ts'
import { createSettleJob } from './stock/settle-signals.ts'
import { createSuggestionJob } from './suggestions/compute-suggestions.ts'
import { suggestionRoutes } from './suggestions/routes.ts'
import { supplierRoutes } from './suppliers/routes.ts'
import { transferRoutes } from './stock/transfer-routes.ts'

type Parts = ServiceResources<Database, Config> & { clock?: () => Date }

const routes = [
  stockRoutes,
  adjustmentRoutes,
  movementRoutes,
  transferRoutes,
  locationRoutes,
  reservationRoutes,
  suggestionRoutes,
  supplierRoutes,
  reportRoutes,
  purchaseOrderRoutes,
  ruleRoutes,
  alertRoutes,
]

/** Wires the service; the caller starts and stops the returned components. */
export const buildApp = ({ clock = () => new Date(), ...parts }: Parts) => {
  const { db, config, logger } = parts
  const settings = settingsFrom(config, clock)
  const catalog = createCatalogClient({
    urls: config.CATALOG_URL,
    token: config.INTERNAL_TOKEN,
    onFailure: (error) => logger.warn({ err: error }, 'the catalog did not answer about SKUs'),
  })
  const deps: Deps = { db, catalog, settings, internalToken: config.INTERNAL_TOKEN }

  return composeService({
    ...parts,
    server: { requestTimeoutMs: 600_000 }, // the stocktake of a large warehouse takes minutes
    registerRoutes: (server) => {
      for (const register of routes) register(server, deps)
      void server.register((scope, _options, done) => {
        importRoutes(scope, deps)
        done()
      })
      server.addHook('onClose', () => catalog.close())
    },
    readRevocations: revocationsFrom({ userUrl: config.USER_URL, internalToken: config.INTERNAL_TOKEN }),
    subscriptions: {
      'inventory.order-events': orderSubscriptions(settings),
      'inventory.catalog-events': catalogSubscriptions,
    },
    lingerMs: { 'inventory.order-events': 8 },
    rebuilders: { stock: statusRebuilder(settings) },
    workers: [
      createExpiryJob({ db, settings, intervalMs: config.SWEEP_INTERVAL_MS, logger }),
      createSuggestionJob({ db, settings, logger }),
      createSettleJob({ db, settings, logger }),
      createReorderJob({ db, settings, intervalMs: config.REORDER_INTERVAL_MS, logger }),
    ],
  })
}

import { inTransaction, type Db, type Trx } from '@storewright/database'
import { createPeriodicJob, type JobLogger } from '@storewright/runtime/jobs'
import type { Settings } from '../config.ts'
import type { Database } from '../database.ts'
import { updateSignals, type WatchedLevel } from './low-stock.ts'
import { listSkusAfter, listWatchedLevels } from './queries.ts'
import { lockStock, writeStock } from './stock-ledger.ts'

const INTERVAL_MS = 3_600_000
const PER_PAGE = 500

interface Settling {
  db: Db<Database>
  settings: Settings
}

const isUnsettled = (level: WatchedLevel, { lowStockThreshold, clock }: Settings) => {
  const settled = { ...level }
  updateSignals(settled, { lowStockThreshold, now: clock() })
  return settled.alert !== level.alert || settled.reorderState !== level.reorderState
}

const settle = async (trx: Trx<Database>, skus: readonly string[], settings: Settings) => {
  const stock = await lockStock(trx, skus)
  const wrong = skus.flatMap((sku) => stock.levels(sku).filter((level) => isUnsettled(level, settings)))
  for (const level of wrong) stock.watch(level.sku, level.locationId, level)
  await writeStock(trx, stock, settings)
  return wrong.length
}

/** Brings alert and reorder state of all stock in line with what is available, and emits what opens; returns how many
 * levels were not: written by a version that knew of neither, or before the shop's threshold was set differently. */
export const settleAll = async ({ db, settings }: Settling): Promise<number> => {
  let settled = 0
  for (let after = ''; ;) {
    const skus = (await listSkusAfter(db, { after, limit: PER_PAGE, skus: null })).map(({ sku }) => sku)
    const last = skus.at(-1)
    if (last === undefined) return settled
    after = last
    const levels = await listWatchedLevels(db, skus)
    const wrong = new Set(levels.filter((level) => isUnsettled(level, settings)).map(({ sku }) => sku))
    if (wrong.size > 0) settled += await inTransaction(db, (trx) => settle(trx, [...wrong], settings))
  }
}

/** In every replica, at its start and each hour: during an upgrade replicas of the version before still write. */
export const createSettleJob = ({ logger, ...settling }: Settling & { logger: JobLogger }) =>
  createPeriodicJob({
    name: 'settle stock alerts',
    intervalMs: INTERVAL_MS,
    immediately: true,
    run: () => settleAll(settling),
    logger,
  })

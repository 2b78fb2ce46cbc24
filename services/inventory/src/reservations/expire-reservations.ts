import {
  DatabaseBusy,
  DatabaseUnavailable,
  inTransaction,
  purgeIdempotencyKeys,
  type Db,
} from '@storewright/database'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import { counter } from '@storewright/runtime/metrics'
import type { Logger } from '@storewright/service-kit/run'
import type { Database } from '../database.ts'
import { expireReservations } from './cancel-reservations.ts'
import type { Settings } from '../config.ts'
import { listOverdue, postponeExpiry } from './queries.ts'

interface Sweep {
  db: Db<Database>
  settings: Settings
  logger: Logger
}

const PER_COMMIT = 100
const RETRY_SECONDS = 600

const failures = counter(
  'storewright_reservation_expiry_failures_total',
  'Overdue reservations that could not be expired and are tried again later',
)

const isOfDatabase = (error: unknown) => error instanceof DatabaseBusy || error instanceof DatabaseUnavailable

/** One that fails is put off, so that neither this round nor the next ones stop at it. */
const expireOneByOne = async ({ db, settings, logger }: Sweep) => {
  const outcome = { expired: 0, failed: 0 }
  for (const { orderId } of await listOverdue(db, PER_COMMIT)) {
    try {
      const which = { limit: 1, orderIds: [orderId] }
      outcome.expired += await inTransaction(db, (trx) => expireReservations(trx, settings, which))
    } catch (error) {
      if (isOfDatabase(error)) throw error
      logger.error({ err: error, orderId }, 'an overdue reservation cannot be expired')
      failures.inc()
      outcome.failed += 1
      await postponeExpiry(db, orderId, RETRY_SECONDS)
    }
  }
  return outcome
}

const expireSome = async (sweep: Sweep) => {
  const { db, settings } = sweep
  try {
    const which = { limit: PER_COMMIT }
    const expired = await inTransaction(db, (trx) => expireReservations(trx, settings, which))
    return { expired, failed: 0 }
  } catch (error) {
    if (isOfDatabase(error)) throw error
    return expireOneByOne(sweep)
  }
}

/** Expires every overdue hold, a bounded number per commit and after a failure one per commit; returns how many. */
export const expireAllOverdue = async (sweep: Sweep): Promise<number> => {
  for (let total = 0; ;) {
    const { expired, failed } = await expireSome(sweep)
    if (expired + failed === 0) return total
    total += expired
  }
}

/** Expires overdue holds in every replica, as a safety net for the order service's deadlines. */
export const createExpiryJob = ({ intervalMs, ...sweep }: Sweep & { intervalMs: number }) =>
  createPeriodicJob({
    name: 'expire reservations',
    intervalMs,
    run: async () => {
      const expired = await expireAllOverdue(sweep)
      if (expired > 0) sweep.logger.warn({ expired }, 'expired holds that were not confirmed in time')
      await purgeIdempotencyKeys(sweep.db)
    },
    logger: sweep.logger,
  })

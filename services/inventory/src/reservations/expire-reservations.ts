import { inTransaction, purgeIdempotencyKeys, type Db } from '@storewright/database'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import type { Logger } from '@storewright/service-kit/run'
import type { Database } from '../database.ts'
import { expireReservations } from './cancel-reservations.ts'
import type { Settings } from '../config.ts'

interface ExpiryJob {
  db: Db<Database>
  settings: Settings
  intervalMs: number
  logger: Logger
}

/** Expires every overdue hold, a bounded number per commit; returns how many. */
export const expireAllOverdue = async (db: Db<Database>, settings: Settings): Promise<number> => {
  let expired = 0
  for (;;) {
    const some = await inTransaction(db, (trx) => expireReservations(trx, settings))
    if (some === 0) return expired
    expired += some
  }
}

/** Expires overdue holds in every replica, as a safety net for the order service's deadlines. */
export const createExpiryJob = ({ db, settings, intervalMs, logger }: ExpiryJob) =>
  createPeriodicJob({
    name: 'expire reservations',
    intervalMs,
    run: async () => {
      const expired = await expireAllOverdue(db, settings)
      if (expired > 0) logger.warn({ expired }, 'expired holds that were not confirmed in time')
      await purgeIdempotencyKeys(db)
    },
    logger,
  })

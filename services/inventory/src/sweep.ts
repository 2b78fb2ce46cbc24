import { inTransaction, purgeIdempotencyKeys, type Db } from '@storewright/database'
import type { Logger } from '@storewright/service-kit'
import type { Database } from './database.ts'
import { expireReservations } from './reservations/release-stock.ts'
import type { Settings } from './settings.ts'

interface Sweeping {
  db: Db<Database>
  settings: Settings
  intervalMs: number
  logger: Logger
}

/** Takes back every hold whose time is over, a bounded number per commit; returns how many. */
export const sweepOnce = async (db: Db<Database>, settings: Settings): Promise<number> => {
  let expired = 0
  for (;;) {
    const some = await inTransaction(db, (trx) => expireReservations(trx, settings))
    if (some === 0) return expired
    expired += some
  }
}

/** The net below the order service's deadlines, in every replica: now and then, one round after the other. */
export const createSweep = ({ db, settings, intervalMs, logger }: Sweeping) => {
  let timer: NodeJS.Timeout | undefined
  let round = Promise.resolve()

  const sweep = async () => {
    try {
      const expired = await sweepOnce(db, settings)
      await purgeIdempotencyKeys(db)
      if (expired > 0) logger.warn({ expired }, 'took back holds that nobody confirmed')
    } catch (error) {
      logger.error({ err: error }, 'the sweep failed; the next round tries again')
    }
  }
  return {
    name: 'sweep',
    start: () => {
      timer = setInterval(() => {
        round = round.then(sweep)
      }, intervalMs)
    },
    stop: () => {
      clearInterval(timer)
      return round
    },
  }
}

import { purgeIdempotencyKeys } from '@storewright/database'
import type { Logger } from '@storewright/service-kit'
import type { Db } from '../database.ts'
import type { Signals } from '../signals.ts'
import { expireOrders } from './expire-orders.ts'

/** Cancels what has run out of time, a bounded number per commit; returns how many. */
const sweepOnce = async (db: Db, when: { signals: Signals; clock: () => Date }): Promise<number> => {
  for (let expired = 0; ;) {
    const some = await expireOrders(db, { signals: when.signals, now: when.clock() })
    if (some === 0) return expired
    expired += some
  }
}

/** Keeps the deadlines, in every replica: now and then, one round after the other. */
export const createSweeper = ({
  db,
  signals,
  clock,
  intervalMs,
  logger,
}: {
  db: Db
  signals: Signals
  clock: () => Date
  intervalMs: number
  logger: Logger
}) => {
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined

  const sweep = async () => {
    try {
      const expired = await sweepOnce(db, { signals, clock })
      if (expired > 0) logger.info({ expired }, 'cancelled orders that ran out of time')
      await purgeIdempotencyKeys(db)
    } catch (error) {
      logger.error({ err: error }, 'the sweep failed; the next round tries again')
    } finally {
      round = undefined
    }
  }
  return {
    name: 'sweeper',
    start: () => {
      // A round that takes long is not overtaken by the next.
      timer = setInterval(() => {
        round ??= sweep()
      }, intervalMs)
    },
    stop: async () => {
      clearInterval(timer)
      await round
    },
  }
}

import type { Logger, Step } from '@storewright/service-kit'
import type { Db } from '../database.ts'
import { FORGET_FAILURES_AFTER_SECONDS } from './lockout.ts'
import { deleteStale } from './queries.ts'

const EVERY_MS = 3_600_000

/** Removes sessions that ran out, tokens spent too long ago to matter, and failures that no longer count. */
export const sweep = async (db: Db, refreshTtlSeconds: number, now: Date) => {
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
  const before = {
    sessions: now,
    spentTokens: ago(refreshTtlSeconds),
    failures: ago(FORGET_FAILURES_AFTER_SECONDS),
  }
  for (let more = true; more;) more = await deleteStale(db, before)
}

/** Sweeps now and then, in every replica: the deletes are harmless side by side. */
export const createSweeper = ({
  db,
  logger,
  refreshTtlSeconds,
}: {
  db: Db
  logger: Logger
  refreshTtlSeconds: number
}): Step => {
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const work = () => {
    running = sweep(db, refreshTtlSeconds, new Date()).catch((error: unknown) => {
      logger.warn({ err: error }, 'could not sweep; the next time is in an hour')
    })
  }
  return {
    name: 'sweeper',
    start: () => {
      timer = setInterval(work, EVERY_MS)
      work()
    },
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}

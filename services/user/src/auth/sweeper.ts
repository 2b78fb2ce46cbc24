import { purgeIdempotencyKeys } from '@storewright/database'
import type { Logger, Step } from '@storewright/service-kit/run'
import { deleteOldActivity } from '../activity/queries.ts'
import type { Db } from '../database.ts'
import { FORGET_FAILURES_AFTER_SECONDS } from './lockout.ts'
import { FORGET_MAILS_AFTER_SECONDS } from './one-time-token.ts'
import { deleteStale } from './queries.ts'

const EVERY_MS = 3_600_000

/** Where nobody was seen for this long, they are not known any more. */
const FORGET_NETWORKS_AFTER_SECONDS = 90 * 24 * 60 * 60
const ACTIVITY_BATCH = 500
/** A session that was revoked is told to replicas that start as long as a token of it may live: a day at most. */
const KEEP_SESSIONS_FOR_SECONDS = 24 * 60 * 60

export interface Lifetimes {
  refreshTtlSeconds: number
  /** How long an account's timeline is kept. */
  activityDays: number
}

/** Removes what ran out, was spent too long ago to matter, or no longer counts. */
export const sweep = async (db: Db, { refreshTtlSeconds, activityDays }: Lifetimes, now: Date) => {
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
  const before = {
    sessions: ago(KEEP_SESSIONS_FOR_SECONDS),
    spentTokens: ago(refreshTtlSeconds),
    failures: ago(FORGET_FAILURES_AFTER_SECONDS),
    networks: ago(FORGET_NETWORKS_AFTER_SECONDS),
    mails: ago(FORGET_MAILS_AFTER_SECONDS),
  }
  for (let more = true; more;) more = await deleteStale(db, before)
  while ((await purgeIdempotencyKeys(db)) > 0);
  while (await deleteOldActivity(db, ago(activityDays * 24 * 60 * 60), ACTIVITY_BATCH));
}

/** Sweeps now and then, in every replica: the deletes are harmless side by side. */
export const createSweeper = ({
  db,
  logger,
  lifetimes,
}: {
  db: Db
  logger: Logger
  lifetimes: Lifetimes
}): Step => {
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const work = () => {
    running = sweep(db, lifetimes, new Date()).catch((error: unknown) => {
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

import { purgeIdempotencyKeys } from '@storewright/database'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import type { Logger } from '@storewright/service-kit/run'
import { deleteOldActivity } from './audit-log/audit-log.ts'
import { deleteOldThrottling } from './credentials/login-throttle.ts'
import { deleteOldTokens } from './credentials/one-time-tokens.ts'
import type { Db } from './database.ts'
import { deleteOldSessions } from './sessions/session.ts'

const EVERY_MS = 3_600_000
const DAY_MS = 86_400_000

export interface Lifetimes {
  refreshTtlSeconds: number
  /** How long an account's timeline is kept. */
  activityDays: number
}

/** Removes what expired, was spent too long ago to matter, or no longer counts. */
export const sweep = async (db: Db, { refreshTtlSeconds, activityDays }: Lifetimes, now: Date) => {
  await deleteOldSessions(db, refreshTtlSeconds, now)
  await deleteOldThrottling(db, now)
  await deleteOldTokens(db, now)
  while ((await purgeIdempotencyKeys(db)) > 0);
  await deleteOldActivity(db, new Date(now.getTime() - activityDays * DAY_MS))
}

/** Sweeps every hour, in every replica: the deletes are harmless side by side. */
export const createSweeper = ({ db, logger, lifetimes }: { db: Db; logger: Logger; lifetimes: Lifetimes }) =>
  createPeriodicJob({
    name: 'sweeper',
    intervalMs: EVERY_MS,
    run: () => sweep(db, lifetimes, new Date()),
    immediately: true,
    logger,
  })

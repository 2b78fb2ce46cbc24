import { DatabaseBusy, DatabaseUnavailable, ping } from '@storewright/database'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { pauseBackoff } from '@storewright/runtime/backoff'
import * as metrics from '../metrics.ts'
import { ConcurrentDelivery } from './inbox.ts'

export const isTransient = (error: unknown) =>
  error instanceof DatabaseBusy || error instanceof DatabaseUnavailable || error instanceof ConcurrentDelivery

export interface DatabaseRetry {
  /** Resolves once the database answers; rejects when the signal aborts first. */
  waitForDatabase(signal: AbortSignal): Promise<void>
  retry<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

export const createDatabaseRetry = <DB>(db: Kysely<DB>, group: string, logger: Logger): DatabaseRetry => {
  const waitForDatabase = async (signal: AbortSignal) => {
    for (let failures = 0; ; failures++) {
      signal.throwIfAborted()
      try {
        await ping(db)
        if (failures > 0) logger.info({ group }, 'the database answers again; consuming continues')
        return
      } catch (error) {
        if (failures === 0) {
          metrics.databasePauses.inc({ group })
          logger.error({ err: error, group }, 'the database does not answer; consuming waits for it')
        }
        await pauseBackoff(failures, signal, { to: 3_000 })
      }
    }
  }
  return {
    waitForDatabase,
    retry: async (signal, work) => {
      for (let failures = 0; ; failures++) {
        try {
          return await work()
        } catch (error) {
          if (!isTransient(error)) throw error
          await pauseBackoff(failures, signal, { from: 20, to: 3_000 })
          await waitForDatabase(signal)
        }
      }
    },
  }
}

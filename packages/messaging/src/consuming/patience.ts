import { setTimeout as pause } from 'node:timers/promises'
import { DatabaseBusy, DatabaseUnavailable } from '@storewright/database'
import { sql, type Kysely } from 'kysely'
import type { Logger } from 'pino'
import { backoff } from '../connection/waiting.ts'
import * as metrics from '../metrics.ts'
import { ClaimedElsewhere } from './inbox.ts'

/** True for what is the database's fault and not the message's. */
export const isBlameless = (error: unknown) =>
  error instanceof DatabaseBusy || error instanceof DatabaseUnavailable || error instanceof ClaimedElsewhere

export interface Patience {
  /** Resolves once the database answers; rejects when the signal comes first. */
  untilDatabaseAnswers(signal: AbortSignal): Promise<void>
  /** Repeats `work` for as long as only the database is to blame. */
  with<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** Waits for the database, while the deliveries in hand stay unacked. */
export const createPatience = <DB>(db: Kysely<DB>, group: string, logger: Logger): Patience => {
  const untilDatabaseAnswers = async (signal: AbortSignal) => {
    for (let failures = 0; ; failures++) {
      signal.throwIfAborted()
      try {
        await sql`select 1`.execute(db)
        if (failures > 0) logger.info({ group }, 'the database is back; consuming goes on')
        return
      } catch (error) {
        if (failures === 0) {
          metrics.pauses.inc({ group })
          logger.error({ err: error, group }, 'the database does not answer; consuming waits for it')
        }
        await pause(backoff(failures, { to: 3_000 }), undefined, { signal })
      }
    }
  }
  return {
    untilDatabaseAnswers,
    with: async (signal, work) => {
      for (let failures = 0; ; failures++) {
        try {
          return await work()
        } catch (error) {
          if (!isBlameless(error)) throw error
          await pause(backoff(failures, { from: 20, to: 3_000 }), undefined, { signal })
          await untilDatabaseAnswers(signal)
        }
      }
    },
  }
}

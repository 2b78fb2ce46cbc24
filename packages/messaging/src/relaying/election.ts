import { setTimeout as pause } from 'node:timers/promises'
import { acquireLock } from '@storewright/database'
import type { Kysely } from 'kysely'

/** The right to publish; `lost` aborts the moment it is known to be over. */
export interface Term {
  readonly lost: AbortSignal
  resign(): Promise<void>
}

/** Waits a while for the right to publish; null when another replica has it. */
export type Elect = <DB>(db: Kysely<DB>) => Promise<Term | null>

const WAIT_SECONDS = 2
const PING_EVERY_MS = 1_000
const PING_TIMEOUT_MS = 3_000

/**
 * One relay per schema: two would publish everything twice, and deadlock over the rows. The lock lives as long as
 * its connection, so that a killed holder gives it up at once; the ping notices a connection that died unseen.
 */
export const electByLock: Elect = async (db) => {
  const lock = await acquireLock(db, 'outbox-relay', WAIT_SECONDS)
  if (!lock) return null
  const over = new AbortController()
  const lost = AbortSignal.any([lock.signal, over.signal])

  const watch = async () => {
    while (!lost.aborted) {
      await pause(PING_EVERY_MS, undefined, { signal: lost })
      await Promise.race([
        lock.ping(),
        pause(PING_TIMEOUT_MS, undefined, { signal: lost }).then(() => {
          throw new Error('the connection that holds the relay lock does not answer')
        }),
      ])
    }
  }
  void watch().catch((error: unknown) => over.abort(error))

  return {
    lost,
    resign: async () => {
      over.abort(new Error('resigned'))
      // A connection that is dead already may never answer, and needs no answer: the lock went with it.
      await Promise.race([lock.release(), pause(PING_TIMEOUT_MS)])
    },
  }
}

import { withTimeout } from '@storewright/runtime/timeout'
import { setTimeout as pause } from 'node:timers/promises'
import { acquireLock } from '@storewright/database'
import type { Kysely } from 'kysely'

/** The right to publish the outbox; `lost` aborts the moment it is known to be over. */
export interface Leadership {
  readonly lost: AbortSignal
  /** Whether the outbox has no event. Asked many times a second, so it spares the pool. */
  isOutboxEmpty(): Promise<boolean>
  release(): Promise<void>
}

export type AcquireLeadership = <DB>(db: Kysely<DB>) => Promise<Leadership | null>

const WAIT_SECONDS = 2
const PING_EVERY_MS = 1_000
const PING_TIMEOUT_MS = 3_000

/** Two relays would publish everything twice and deadlock. The lock ends with its connection; the ping notices a silent death. */
export const acquireLeadership: AcquireLeadership = async (db) => {
  const lock = await acquireLock(db, 'outbox-relay', WAIT_SECONDS)
  if (!lock) return null
  const over = new AbortController()
  const lost = AbortSignal.any([lock.signal, over.signal])

  const watch = async () => {
    while (!lost.aborted) {
      await pause(PING_EVERY_MS, undefined, { signal: lost })
      await withTimeout(
        lock.query('select 1'),
        PING_TIMEOUT_MS,
        'the ping of the connection that holds the relay lock',
      )
    }
  }
  void watch().catch((error: unknown) => over.abort(error))

  return {
    lost,
    isOutboxEmpty: async () => (await lock.query('select 1 from outbox limit 1')).length === 0,
    release: async () => {
      over.abort(new Error('leadership released'))
      // A dead connection may never answer and need not: the lock went with it.
      await Promise.race([lock.release(), pause(PING_TIMEOUT_MS)])
    },
  }
}

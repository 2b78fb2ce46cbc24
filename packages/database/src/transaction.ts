import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import { DatabaseBusy, DatabaseUnavailable, isConnectionLost, isOverloaded, isRetryable } from './errors.ts'

interface Hooks {
  before: (() => Promise<void>)[]
  after: (() => void)[]
}

const hooksByTransaction = new WeakMap<object, Hooks>()

const hooksOf = (trx: object): Hooks => {
  const hooks = hooksByTransaction.get(trx)
  if (!hooks) throw new Error('this transaction was not opened by inTransaction(), or is already over')
  return hooks
}

/** Runs `hook` right before this attempt's COMMIT; what it throws rolls the transaction back. */
export const beforeCommit = (trx: object, hook: () => Promise<void>) => {
  hooksOf(trx).before.push(hook)
}

export const afterCommit = (trx: object, hook: () => void) => {
  hooksOf(trx).after.push(hook)
}

const attemptOnce = async <DB, T>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>) => Promise<T>,
): Promise<{ result: T; after: Hooks['after'] }> => {
  const trx = await db.startTransaction().execute()
  const hooks: Hooks = { before: [], after: [] }
  hooksByTransaction.set(trx, hooks)
  let committing = false
  try {
    const result = await work(trx)
    for (let hook = hooks.before.shift(); hook; hook = hooks.before.shift()) await hook()
    committing = true
    await trx.commit().execute()
    return { result, after: hooks.after }
  } catch (error) {
    // Explicit also after a lock wait timeout: that undoes its statement only, and the next user would commit the rest.
    await trx
      .rollback()
      .execute()
      .catch(() => undefined)
    if (committing && isConnectionLost(error)) {
      throw new DatabaseUnavailable('the connection was lost during COMMIT', {
        cause: error,
        outcomeUnknown: true,
      })
    }
    throw error
  } finally {
    hooksByTransaction.delete(trx)
  }
}

const toDatabaseError = (error: unknown) => {
  if (error instanceof DatabaseUnavailable || error instanceof DatabaseBusy) return error
  return isConnectionLost(error)
    ? new DatabaseUnavailable('the database cannot be reached', { cause: error })
    : new DatabaseBusy('the database is busy', { cause: error })
}

const RETRY_DEADLINE_MS = 8_000

/** Runs again after what undid it, so effects outside `trx` belong into `afterCommit`; not after a COMMIT of unknown outcome. */
export const inTransaction = async <DB, T>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>) => Promise<T>,
  { attempts = 4 }: { attempts?: number } = {},
): Promise<T> => {
  const began = performance.now()
  for (let attempt = 1; ; attempt++) {
    try {
      const { result, after } = await attemptOnce(db, work)
      for (const hook of after) {
        try {
          hook()
        } catch (error) {
          process.emitWarning(error instanceof Error ? error : String(error))
        }
      }
      return result
    } catch (error) {
      const lost = isConnectionLost(error)
      if (!lost && !isRetryable(error) && !isOverloaded(error)) throw error
      const final = error instanceof DatabaseUnavailable || error instanceof DatabaseBusy
      if (final || attempt >= attempts || performance.now() - began > RETRY_DEADLINE_MS)
        throw toDatabaseError(error)
      await pause(5 + Math.random() * 20 * 2 ** attempt)
    }
  }
}

/** Streams what `read` yields, all of it as it was when it began; the connection is held until the stream ends. */
export async function* streamSnapshot<DB, T>(
  db: Kysely<DB>,
  read: (trx: Transaction<DB>) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const trx = await db
    .startTransaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute()
  try {
    yield* read(trx)
  } finally {
    await trx
      .rollback()
      .execute()
      .catch(() => undefined)
  }
}

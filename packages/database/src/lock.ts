import { createHash } from 'node:crypto'
import { openConnection, query, schemaOf } from './connect.ts'
import { DatabaseBusy, DatabaseUnavailable } from './errors.ts'

export interface Lock {
  /** Aborted once the connection, and the lock with it, is gone. */
  readonly signal: AbortSignal
  /** Rows, read on the connection that holds the lock. Rejects when the lock is lost; an idle connection may die unseen. */
  query<Row>(statement: string): Promise<Row[]>
  release(): Promise<void>
}

/** Lock names are shared by the whole server, so they carry the schema's; at most 64 characters are allowed. */
const nameFor = (schema: string, name: string) => {
  const full = `${schema}.${name}`
  return full.length <= 64 ? full : createHash('sha256').update(full).digest('hex')
}

/** Takes the lock on a connection of its own; null when another holds it for `waitSeconds`. */
export const acquireLock = async (db: object, name: string, waitSeconds = 0): Promise<Lock | null> => {
  const connection = await openConnection(db)
  const gone = new AbortController()
  const lose = () => gone.abort(new DatabaseUnavailable(`the connection that held the lock ${name} was lost`))
  connection.on('error', lose)
  connection.on('end', lose)
  try {
    const [row] = await query<{ got: number | null }>(connection, 'SELECT GET_LOCK(?, ?) AS got', [
      nameFor(schemaOf(db), name),
      waitSeconds,
    ])
    if (row?.got !== 1) {
      connection.destroy()
      return null
    }
  } catch (error) {
    connection.destroy()
    throw error
  }
  return {
    signal: gone.signal,
    query: (statement) => query(connection, statement),
    // Ending the session frees the lock, whatever state the connection is in.
    release: () =>
      new Promise((resolve) => {
        connection.end(() => {
          gone.abort()
          resolve()
        })
      }),
  }
}

export const withLock = async <T>(
  db: object,
  name: string,
  work: (lock: Lock) => Promise<T>,
  { waitSeconds = 60 }: { waitSeconds?: number } = {},
): Promise<T> => {
  const lock = await acquireLock(db, name, waitSeconds)
  if (!lock) throw new DatabaseBusy(`the lock ${name} is held by another process`)
  try {
    return await work(lock)
  } finally {
    await lock.release()
  }
}

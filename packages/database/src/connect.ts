import { createConnection, createPool, type Connection, type PoolConnection, type PoolOptions } from 'mysql2'
import { Kysely, MysqlDialect, sql, type MysqlDialectConfig, type Transaction } from 'kysely'
import { DatabaseBusy, DatabaseUnavailable } from './errors.ts'

export type Db<DB> = Kysely<DB>
export type Trx<DB> = Transaction<DB>

const ACQUIRE_TIMEOUT_MS = 5_000

const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  // Spelled out because servers differ, and client-side escaping relies on NO_BACKSLASH_ESCAPES being off.
  `SET time_zone = '+00:00', innodb_lock_wait_timeout = 3, sql_mode =
   'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`,
]

const urls = new WeakMap<object, string>()

const urlOf = (db: object): string => {
  const url = urls.get(db)
  if (url === undefined) throw new Error('this database was not made by connect()')
  return url
}

export const schemaOf = (db: object) => decodeURIComponent(new URL(urlOf(db)).pathname.slice(1))

const optionsFor = (url: string): PoolOptions => ({
  uri: url,
  charset: 'utf8mb4',
  timezone: 'Z',
  connectTimeout: 5_000,
  enableKeepAlive: true,
  supportBigNumbers: true, // whole numbers beyond 2^53 come as text instead of rounded
  decimalNumbers: true, // SUM() of integers is a DECIMAL; money is integers everywhere
  stringifyObjects: true, // an object as a value is text, never `key = value`
  flags: ['-LOCAL_FILES'],
})

const closed = (cause: Error) =>
  new DatabaseUnavailable('the database connection was closed by us', { cause })

const setUp = (connection: Connection, done: (error: Error | null) => void) => {
  const [isolation, ...rest] = SESSION
  let failure: Error | null = null
  connection.query(isolation!, (error) => (failure ??= error))
  for (const statement of rest) connection.query(statement, (error) => done((failure ??= error)))
}

/** Every connection has its session set before anybody gets it, and nobody waits for one for ever. */
const poolFor = (url: string, poolSize: number): Extract<MysqlDialectConfig['pool'], { end: unknown }> => {
  const pool = createPool({ ...optionsFor(url), connectionLimit: poolSize, maxIdle: poolSize })
  const ready = new WeakSet<PoolConnection>()
  return {
    end: (callback) => pool.end(callback),
    getConnection: (callback) => {
      let waiting = true
      const answer = (error: unknown, connection?: PoolConnection) => {
        if (waiting) {
          waiting = false
          clearTimeout(timer)
          callback(error, connection as never)
        } else connection?.release()
      }
      const timer = setTimeout(
        () => answer(new DatabaseBusy('no database connection became free in time')),
        ACQUIRE_TIMEOUT_MS,
      )
      pool.getConnection((error, connection) => {
        if (error) return answer(error.message === 'Pool is closed.' ? closed(error) : error)
        if (ready.has(connection)) return answer(null, connection)
        setUp(connection, (failure) => {
          if (failure) {
            connection.destroy()
            return answer(failure)
          }
          ready.add(connection)
          answer(null, connection)
        })
      })
    },
  }
}

/** It connects when first used, and replaces connections that were lost. */
export const connect = <DB>(url: string, { poolSize = 10 }: { poolSize?: number } = {}): Kysely<DB> => {
  const db = new Kysely<DB>({ dialect: new MysqlDialect({ pool: poolFor(url, poolSize) }) })
  urls.set(db, url)
  return db
}

export const ping = async <DB>(db: Kysely<DB>): Promise<void> => {
  await sql`select 1`.execute(db)
}

export const openConnection = async (db: object): Promise<Connection> => openConnectionTo(urlOf(db))

export const openConnectionTo = (url: string) =>
  new Promise<Connection>((resolve, reject) => {
    const connection = createConnection(optionsFor(url))
    // Stays: an error event without a listener would end the process.
    connection.on('error', reject)
    setUp(connection, (failure) => {
      if (failure) {
        connection.destroy()
        reject(failure)
      } else resolve(connection)
    })
  })

export const query = <Row = unknown>(connection: Connection, statement: string, values: unknown[] = []) =>
  new Promise<Row[]>((resolve, reject) => {
    connection.query(statement, values, (error, rows) => (error ? reject(error) : resolve(rows as Row[])))
  })

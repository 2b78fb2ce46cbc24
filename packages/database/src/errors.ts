/** A later try may succeed: deadlock, lock wait, too many connections. */
export class DatabaseBusy extends Error {
  override readonly name = 'DatabaseBusy'
}

export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable'
  /** True when the connection went away during COMMIT: the work may or may not have been done. */
  readonly outcomeUnknown: boolean
  constructor(message: string, options: ErrorOptions & { outcomeUnknown?: boolean } = {}) {
    super(message, options)
    this.outcomeUnknown = options.outcomeUnknown ?? false
  }
}

export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

export class IdempotencyMismatch extends Error {
  override readonly name = 'IdempotencyMismatch'
  constructor() {
    super('this Idempotency-Key was used with another request body')
  }
}

export class IdempotencyRunning extends Error {
  override readonly name = 'IdempotencyRunning'
  constructor() {
    super('a request with this Idempotency-Key is still running')
  }
}

// Numbers and not names: MySQL and MariaDB name some of them differently.
const RETRYABLE = new Set([
  1020, // record has changed since last read (MariaDB with snapshot isolation)
  1205, // lock wait timeout
  1213, // deadlock
])
const OVERLOADED = new Set([
  1040, // too many connections
  1203, // too many connections of this user
  1969,
  3024, // the statement's own time limit (MariaDB, MySQL)
])
const GONE = new Set([
  1053, // server shutdown in progress
  1152,
  1158,
  1159,
  1160,
  1161,
  1184, // network errors seen by the server
  1836, // read-only mode, while failing over
  1927, // connection was killed (MariaDB)
  2006,
  2013, // server has gone away, lost connection
  4031, // disconnected for inactivity
])
const GONE_CODES = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

const fieldOf = (error: unknown, field: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined

/** The server's error number, above 0; undefined for what is no answer of the database. */
export const errnoOf = (error: unknown): number | undefined => {
  const errno = fieldOf(error, 'errno')
  return typeof errno === 'number' && errno > 0 ? errno : undefined
}

export const isRetryable = (error: unknown) => RETRYABLE.has(errnoOf(error) ?? 0)

export const isOverloaded = (error: unknown) =>
  error instanceof DatabaseBusy || OVERLOADED.has(errnoOf(error) ?? 0)

export const isDuplicateKey = (error: unknown) => errnoOf(error) === 1062

export const isConnectionLost = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable ||
  GONE.has(errnoOf(error) ?? 0) ||
  // mysql2 marks as fatal what ends the connection; a refused login (1045, 1049, …) is an answer and stays one.
  (fieldOf(error, 'fatal') === true && errnoOf(error) === undefined) ||
  (fieldOf(error, 'syscall') !== undefined && GONE_CODES.has(String(fieldOf(error, 'code')))) ||
  fieldOf(error, 'code') === 'PROTOCOL_CONNECTION_LOST' ||
  (error instanceof AggregateError && error.errors.some(isConnectionLost))

/** Whether a CHECK of the schema refused the row (MySQL, MariaDB). */
export const isCheckViolation = (error: unknown): boolean => [3819, 4025].includes(errnoOf(error) ?? 0)

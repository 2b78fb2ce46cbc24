import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'kysely'

/** A new identifier: UUIDv7, so that rows are inserted in the order of their keys. */
export const newId = (): string => randomUUIDv7()

export const nowSql = sql<Date>`utc_timestamp(6)`

export const secondsAgo = (seconds: number) => sql<Date>`${nowSql} - interval ${sql.lit(seconds)} second`

/** A JSON column's value: MySQL sends it parsed, MariaDB as text. */
export const parseJson = <T>(value: T | string): T =>
  typeof value === 'string' ? (JSON.parse(value) as T) : value

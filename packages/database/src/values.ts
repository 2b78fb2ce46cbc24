import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'kysely'

/** A new identifier: UUIDv7, so that rows are inserted in the order of their keys. */
export const newId = (): string => randomUUIDv7()

export const nowSql = sql<Date>`utc_timestamp(6)`

export const secondsAgo = (seconds: number) => sql<Date>`${nowSql} - interval ${sql.lit(seconds)} second`

/** Ends a select that comes after an insert: what others insert meanwhile is waited for, or throws at once. */
export const lockShared = ({ wait }: { wait: boolean }) =>
  wait ? sql`lock in share mode` : sql`for update nowait`

/** A JSON column's value: MySQL sends it parsed, MariaDB as text. */
export const parseJson = <T>(value: T | string): T =>
  typeof value === 'string' ? (JSON.parse(value) as T) : value

import { DatabaseBusy, isDuplicateKey } from '@storewright/database'
import type { ExpressionBuilder } from 'kysely'
import type { Database } from './database.ts'

/** For `onDuplicateKeyUpdate`: every column that is inserted takes its new value, except those in `kept`. */
export const overwriteExcept =
  <Table extends keyof Database, Row extends object>(rows: Row[], kept: (keyof Row)[]) =>
  (eb: ExpressionBuilder<Database, Table>) =>
    Object.fromEntries(
      Object.keys(rows[0] ?? {})
        .filter((column) => !kept.includes(column as keyof Row))
        // `values(column)`: the one spelling that both servers take.
        .map((column) => [column, eb.fn<never>('values', [column as never])]),
    )

const MAX_PACKET_CHARACTERS = 3 * 1024 * 1024
const MAX_ROWS = 1_000

/** Cuts rows into statements that servers take with their default limits. */
export const statementsOf = <Row extends object>(rows: Row[]): Row[][] => {
  const statements: Row[][] = []
  let current: Row[] = []
  let characters = 0
  for (const row of rows) {
    const length = Object.values(row).reduce<number>(
      (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
      0,
    )
    if (current.length >= MAX_ROWS || (current.length > 0 && characters + length > MAX_PACKET_CHARACTERS)) {
      statements.push(current)
      current = []
      characters = 0
    }
    current.push(row)
    characters += length
  }
  if (current.length > 0) statements.push(current)
  return statements
}

const ATTEMPTS = 4

/** Runs a transaction again when it lost a race for a unique key: the second try finds the winner's row. */
export const retryOnDuplicateKey = async <T>(transaction: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      if (attempt === ATTEMPTS)
        throw new DatabaseBusy('lost several races for a unique key', { cause: error })
    }
  }
}

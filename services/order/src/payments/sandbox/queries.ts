import type { Database, Db } from '../../database.ts'

export type Operation = Omit<Database['sandbox_operations'], 'created_at'>

/** Books operations once per key, and returns how many of them were new; the others stay as they were. */
export const insertOperations = async (db: Db, operations: readonly Operation[], now: Date) => {
  const result = await db
    .insertInto('sandbox_operations')
    .ignore()
    .values(operations.map((operation) => ({ ...operation, created_at: now })))
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows)
}

export const listOperations = (db: Db, keys: readonly string[]) =>
  db
    .selectFrom('sandbox_operations')
    .select(['idempotency_key as key', 'outcome', 'reason'])
    .where('idempotency_key', 'in', keys)
    .execute()

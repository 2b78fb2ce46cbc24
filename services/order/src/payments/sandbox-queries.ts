import type { Database, Db } from '../database.ts'

export type SandboxOperation = Omit<Database['sandbox_operations'], 'created_at'>

/** Inserts the sandbox provider's operations once per key, and returns how many of them were new. */
export const insertSandboxOperations = async (db: Db, operations: readonly SandboxOperation[], now: Date) => {
  const result = await db
    .insertInto('sandbox_operations')
    .ignore()
    .values(operations.map((operation) => ({ ...operation, created_at: now })))
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows)
}

export const listSandboxOperations = (db: Db, keys: readonly string[]) =>
  db
    .selectFrom('sandbox_operations')
    .select(['idempotency_key as key', 'outcome', 'reason'])
    .where('idempotency_key', 'in', keys)
    .execute()

/** Decides an operation that waits for its customer; false where it does not wait (any more). */
export const moveSandboxOperation = async (
  db: Db,
  key: string,
  answer: Pick<SandboxOperation, 'outcome' | 'reason'>,
): Promise<boolean> => {
  const result = await db
    .updateTable('sandbox_operations')
    .set(answer)
    .where('idempotency_key', '=', key)
    .where('outcome', '=', 'waiting')
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

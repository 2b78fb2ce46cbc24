import { sql } from 'kysely'
import type { Database, Db } from '../../database.ts'

export type Operation = Omit<Database['sandbox_operations'], 'created_at'>

/** Books operations once per key; one that is known stays as it was. */
export const insertOperations = (db: Db, operations: readonly Operation[], now: Date) =>
  db
    .insertInto('sandbox_operations')
    .values(operations.map((operation) => ({ ...operation, created_at: now })))
    .onDuplicateKeyUpdate({ idempotency_key: sql`idempotency_key` })
    .execute()

export const listOperations = (db: Db, keys: readonly string[]) =>
  db
    .selectFrom('sandbox_operations')
    .select(['idempotency_key as key', 'outcome', 'reason'])
    .where('idempotency_key', 'in', keys)
    .execute()

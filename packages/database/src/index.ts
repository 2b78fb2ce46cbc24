export { connect, ping, schemaOf, type Db, type Trx } from './connect.ts'
export * from './errors.ts'
export {
  claimKeys,
  findOutcomes,
  idempotencyMigrations,
  idempotent,
  purgeIdempotencyKeys,
  releaseKeys,
} from './idempotent.ts'
export type { IdempotencyOutcome, IdempotencyRequest, IdempotencyTables } from './idempotent.ts'
export { deleteImportRows, deleteStaleImportRows } from './import-rows.ts'
export { insertRows, overwriteExcept } from './insert-rows.ts'
export { acquireLock, withLock, type Lock } from './lock.ts'
export { loadMigrations, migrate, type Migration } from './migrate.ts'
export { provision } from './provision.ts'
export { streamRows } from './stream-rows.ts'
export { afterCommit, beforeCommit, inTransaction, streamSnapshot } from './transaction.ts'
export { lockShared, newId, nowSql, parseJson, secondsAgo } from './values.ts'

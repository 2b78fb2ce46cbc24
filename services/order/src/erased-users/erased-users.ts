import type { RawBuilder } from 'kysely'
import type { Trx } from '../database.ts'
import {
  addErasedRecords,
  findErasedUser,
  insertErasedUser,
  listErasedUsers,
  valueUnlessErased,
} from './queries.ts'

/** From now on nothing of this user's is written; a transaction that is about to waits for the erasure. */
export const leaveTombstone = async (
  trx: Trx,
  user: { userId: string; erasureId: string },
  now: Date,
): Promise<void> => {
  await insertErasedUser(trx, user, now)
}

/** Adds to the records that were erased of this user before, and returns the sum. */
export const countErasedRecords = async (trx: Trx, userId: string, records: number): Promise<number> => {
  await addErasedRecords(trx, userId, records)
  return (await findErasedUser(trx, userId)).records
}

/** Whether any of these users was erased. Asked after something of theirs was inserted, so that an erasure either
 * waits for the commit or has left its tombstone. One that is under way is waited for, or throws. */
export const isAnyErased = async (
  trx: Trx,
  userIds: readonly string[],
  { wait }: { wait: boolean },
): Promise<boolean> => userIds.length > 0 && (await listErasedUsers(trx, userIds, wait)).length > 0

/** A value, or null once this user was erased. Part of the statement that writes it, so it costs no round trip. */
export const unlessErased = <Value extends string | null>(
  userId: string | null,
  value: Value,
): Value | RawBuilder<Value> => (userId === null ? value : valueUnlessErased(userId, value))

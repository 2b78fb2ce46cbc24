import { lockShared } from '@storewright/database'
import { sql, type RawBuilder } from 'kysely'
import type { Trx } from '../database.ts'

export const insertErasedUser = (
  trx: Trx,
  { userId, erasureId }: { userId: string; erasureId: string },
  now: Date,
) =>
  trx
    .insertInto('erased_users')
    .values({ user_id: userId, erasure_id: erasureId, erased_at: now })
    .onDuplicateKeyUpdate({ erasure_id: erasureId })
    .execute()

export const addErasedRecords = (trx: Trx, userId: string, records: number) =>
  trx
    .updateTable('erased_users')
    .set({ records: sql`records + ${records}` })
    .where('user_id', '=', userId)
    .execute()

export const findErasedUser = (trx: Trx, userId: string) =>
  trx.selectFrom('erased_users').select('records').where('user_id', '=', userId).executeTakeFirstOrThrow()

export const listErasedUsers = (trx: Trx, userIds: readonly string[], wait: boolean) =>
  trx
    .selectFrom('erased_users')
    .select('user_id as userId')
    .where('user_id', 'in', userIds)
    .modifyEnd(lockShared({ wait }))
    .execute()

export const valueUnlessErased = <Value extends string | null>(userId: string, value: Value) =>
  sql<Value>`(select if(count(*) = 0, ${value}, null) from erased_users where user_id = ${userId}
    lock in share mode)` satisfies RawBuilder<Value>

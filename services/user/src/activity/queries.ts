import { newId } from '@storewright/database'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import type { NewActivity } from './activity.ts'

const rowOf = (activity: NewActivity, now: Date) => ({
  id: newId(),
  user_id: activity.userId,
  type: activity.type,
  at: now,
  by_user_id: activity.byUserId ?? null,
  address: activity.origin?.address ?? null,
  device: activity.origin?.device ?? null,
  details: activity.details === undefined ? null : JSON.stringify(activity.details),
})

/** Adds to an account's timeline, in the transaction of what it tells of. */
export const insertActivity = async (trx: Trx, activity: NewActivity, now: Date) => {
  await trx.insertInto('activity').values(rowOf(activity, now)).execute()
}

/** The same where there may be no such account: then it does nothing, and takes as long. */
export const insertActivityIfAny = async (
  trx: Trx,
  activity: Omit<NewActivity, 'userId'> & { userId: string | undefined },
  now: Date,
) => {
  const row = rowOf({ ...activity, userId: activity.userId ?? '' }, now)
  await sql`insert into activity (id, user_id, type, at, by_user_id, address, device, details)
    select ${row.id}, id, ${row.type}, ${row.at}, ${row.by_user_id}, ${row.address}, ${row.device}, ${row.details}
    from users where id = ${row.user_id} and status <> 'erased'`.execute(trx)
}

export const listActivity = (
  db: Db,
  { userId, before, limit }: { userId: string; before: string | undefined; limit: number },
) =>
  db
    .selectFrom('activity')
    .select(['id', 'type', 'at', 'by_user_id as byUserId', 'address', 'device', 'details'])
    .where('user_id', '=', userId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** Removes a batch of entries from before `at`; their ids begin with their time. False once nothing is left. */
export const deleteOldActivity = async (db: Db, at: Date, batch: number): Promise<boolean> => {
  const milliseconds = at.getTime().toString(16).padStart(12, '0')
  const { numDeletedRows } = await db
    .deleteFrom('activity')
    .where('id', '<', `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}`)
    .orderBy('id')
    .limit(batch)
    .executeTakeFirst()
  return numDeletedRows >= BigInt(batch)
}

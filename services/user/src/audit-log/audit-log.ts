import { newId } from '@storewright/database'
import type { Db, Trx } from '../database.ts'
import type { NewActivity } from './activity.ts'
import { deleteActivityBefore, insertActivity, insertActivityIfAccountExists } from './queries.ts'

export { listAllActivity } from './queries.ts'

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

/** Adds an entry to an account's timeline, in the transaction of the change that it records. */
export const recordActivity = (trx: Trx, activity: NewActivity, now: Date) =>
  insertActivity(trx, rowOf(activity, now))

/** The same where there may be no such account: then it writes nothing and takes as long. */
export const recordActivityIfAccountExists = (
  trx: Trx,
  activity: Omit<NewActivity, 'userId'> & { userId: string | undefined },
  now: Date,
) => insertActivityIfAccountExists(trx, rowOf({ ...activity, userId: activity.userId ?? '' }, now))

export const deleteOldActivity = async (db: Db, before: Date) => {
  while (await deleteActivityBefore(db, before));
}

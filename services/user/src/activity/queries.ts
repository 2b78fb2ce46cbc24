import { newId } from '@storewright/database'
import type { Trx } from '../database.ts'
import type { NewActivity } from './activity.ts'

/** Adds to an account's timeline, in the transaction of what it tells of. */
export const insertActivity = async (trx: Trx, activity: NewActivity, now: Date) => {
  await trx
    .insertInto('activity')
    .values({
      id: newId(),
      user_id: activity.userId,
      type: activity.type,
      at: now,
      by_user_id: activity.byUserId ?? null,
      address: activity.origin?.address ?? null,
      device: activity.origin?.device ?? null,
      details: activity.details === undefined ? null : JSON.stringify(activity.details),
    })
    .execute()
}

import { sql } from 'kysely'
import type { ActivityType } from '../activity/activity.ts'
import type { Trx } from '../database.ts'

export interface HeardActivity {
  /** The event's: what was heard twice is on the timeline once. */
  id: string
  userId: string
  type: ActivityType
  at: Date
  details: Record<string, string>
}

/** Which of these accounts live, held until the commit: an erasure waits, or has taken them away before. */
export const lockLivingAccounts = async (trx: Trx, userIds: readonly string[]): Promise<string[]> => {
  const rows = await trx
    .selectFrom('users')
    .select('id')
    .where('id', 'in', [...new Set(userIds)])
    .where('status', '!=', 'erased')
    .orderBy('id')
    .modifyEnd(sql`lock in share mode`)
    .execute()
  return rows.map(({ id }) => id)
}

export const insertHeardActivities = async (trx: Trx, activities: readonly HeardActivity[]) => {
  await trx
    .insertInto('activity')
    .ignore()
    .values(
      activities.map(({ id, userId, type, at, details }) => ({
        id,
        user_id: userId,
        type,
        at,
        by_user_id: null,
        address: null,
        device: null,
        details: JSON.stringify(details),
      })),
    )
    .execute()
}

import type { Origin } from '../activity/activity.ts'
import type { Db, Trx } from '../database.ts'

/** One statement, the same for every address. */
export const insertResetRequest = async (
  db: Db,
  { email, emailHash, origin }: { email: string; emailHash: string; origin: Origin },
  now: Date,
) => {
  await db
    .insertInto('reset_requests')
    .values({ email_hash: emailHash, email, asked_at: now, ...origin })
    .onDuplicateKeyUpdate({ asked_at: now, ...origin })
    .execute()
}

/** Takes the oldest requests away; those that another replica has in hand are skipped. */
export const takeResetRequests = async (trx: Trx, most: number) => {
  const requests = await trx
    .selectFrom('reset_requests')
    .select(['email_hash as emailHash', 'email', 'address', 'device'])
    .orderBy('asked_at')
    .limit(most)
    .forUpdate()
    .skipLocked()
    .execute()
  if (requests.length > 0) {
    const hashes = requests.map(({ emailHash }) => emailHash)
    await trx.deleteFrom('reset_requests').where('email_hash', 'in', hashes).execute()
  }
  return requests
}
